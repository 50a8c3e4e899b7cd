import ArgumentParser
import Domain
import Jobs
import Service
import Settings
import Store

/// `carillon shadow`
struct ShadowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shadow",
    abstract:
      "Show what an account in `mode: shadow` would have sent, beside the prices that came.",
    discussion: """
      QUOTED is the exchange's quote for the order's side at the moment of the send, FILLED what it would \
      have filled at by the candles that opened afterwards: at the market the first open; a limit where one \
      of the next 24 reaches it. BPS is how much worse than the plan's price, in basis points. Nothing was \
      sent, so what is held does not change: each slot plans anew from what is there.

      An account in `mode: live` sends its first order once it has planned `shadow-slots` slots so. --waive \
      lets it without them, with a reason that goes on record.
      """)

  @Argument(help: "The account; needed where there are several.")
  var account: String?

  @Flag(help: "Let the account trade real money without the slots that are missing.")
  var waive = false

  @Option(help: "Why, for the record; needed with --waive.")
  var reason: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try SpokenReason.check(reason, of: "--waive", isSet: waive, whatItTells: "why it may")
  }

  func run() throws {
    let workspace = try Workspace(global)
    let accounts = workspace.settings.accounts.filter { $0.value.isReal }.keys.sorted()
    guard let name = account ?? (accounts.count == 1 ? accounts[0] : nil) else {
      throw Fault(
        "show", "a shadow",
        cause: accounts.isEmpty
          ? "no account is in `mode: shadow` or `mode: live`" : "there are several accounts",
        remedy: accounts.isEmpty
          ? "docs/how-to/go-live.md says how" : "name one: carillon shadow \(accounts[0])",
        exit: .usage)
    }
    if waive, let reason { return try waive(name, reason, workspace) }
    let clock = try global.clock()
    let store = try workspace.existingStore()
    let report = try store.read { try ShadowReport($0, account: name) }
    try store.close()
    guard let report else {
      throw Fault(
        "show", "the shadow of \(name)", cause: "it has planned no slot in `mode: shadow`",
        remedy: "set the account's `mode: shadow`, and let its rebalance run", exit: .noInput)
    }
    if output.json { return Console.out(report.json) }
    try show(report, clock)
  }

  private func waive(_ name: String, _ reason: String, _ workspace: Workspace) throws {
    let now = SystemTime().now
    guard workspace.settings.accounts[name]?.isReal == true else {
      throw Fault(
        "waive", "the shadow of \(name)",
        cause: "\(workspace.settings.source) has no such account in `mode: shadow` or `mode: live`",
        exit: .usage)
    }
    try workspace.writing("carillon shadow") { store, _ in
      try store.write(at: now) { try ShadowDuty.waive(name, reason: reason, $0) }
    }
    Console.out("\(name) may trade real money without a shadow: \(reason)")
  }

  private func show(_ report: ShadowReport, _ clock: Clock) throws {
    var table = Table(
      "SLOT", "SYMBOL", "SIDE", ">QTY", ">PLANNED", ">QUOTED", ">BPS", ">FILLED", ">BPS",
      ">CLOSE")
    for line in report.lines {
      let order = line.order.order
      table.add(
        clock.text(order.key.slot.time), "\(order.key.symbol)", order.side.rawValue,
        "\(order.quantity)", line.decided.map { "\($0)" } ?? "", "\(line.quoted)",
        Self.basisPoints(line.slippage),
        line.filled.map { "\($0)" } ?? (line.candles == 0 ? "no candle yet" : "not reached"),
        Self.basisPoints(line.candleSlippage), line.close.map { "\($0)" } ?? "")
    }
    if !report.lines.isEmpty { output.print(table) }
    guard !output.plain else { return }
    Console.out("\(report.account): \(try report.summary)")
    if let mean = try report.mean(\.candleSlippage) {
      Console.out("by the next candles \(ShadowReport.basisPoints(mean)) than planned")
    }
    if report.isWaived { Console.out("what is missing of it was waived: carillon audit list") }
  }

  private static func basisPoints(_ ratio: Amount?) -> String {
    ratio.map { Amount(units: $0.units * 10_000).formatted(places: 2) } ?? ""
  }
}
