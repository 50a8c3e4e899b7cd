import ArgumentParser
import Domain
import Scheduler
import Service
import Settings
import Store

/// `carillon why`
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Tell why a slot ran or did not run, and why an instrument was traded or not.",
    discussion: """
      carillon why fetch                         its newest slot
      carillon why fetch@2026-11-20T14:01:00Z    that slot
      carillon why ETH-USDT                      the newest decision about it
      carillon why ETH-USDT --at 2026-11-20T14:01:00Z    the newest by then
      carillon why car-k3v9q2m7x4hd1z            the decision behind an order
      """)

  @Argument(
    help: ArgumentHelp(
      "A job, JOB@SLOT, a symbol like ETH-USDT, or an order.", valueName: "subject"),
    completion: Completions.subject)
  var subject: String

  @Option(help: "For a symbol: the newest decision at or before this time.")
  var at: String?

  @Option(help: "For a symbol: the account; the newest decision of any unless named.")
  var account: String?

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC.")
  var json = false

  func validate() throws {
    if let at, Instant(rfc3339: at) == nil {
      throw ValidationError("--at \(at) is no time; write it like 2026-03-08T07:00:00Z")
    }
    guard at == nil && account == nil || Symbol(subject) != nil else {
      throw ValidationError("--at and --account are for symbols; a slot is written JOB@SLOT")
    }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    if try explainTrade(store) { return try store.close() }
    let schedule = try workspace.followedSchedule(store)
    let isServed = try DaemonLock.isHeld(workspace.settings.database)
    let now = SystemTime().now
    let explanation = try store.read { transaction in
      let slot = try Slot.asked(subject, schedule, transaction, now: now)
      return SlotExplanation(
        of: try SlotFacts(slot, schedule: schedule, isServed: isServed, transaction, now: now))
    }
    try store.close()
    if json { return Console.out(explanation.json) }
    let clock = try global.clock()
    explanation.sentences.forEach { Console.out(words: clock.localised($0), indent: 2) }
  }

  /// Explains a decision where the subject is a symbol or an order.
  ///
  /// - Returns: whether it is.
  private func explainTrade(_ store: Store) throws -> Bool {
    guard let asked = TradeExplanation.Subject(subject) else { return false }
    let time = at.flatMap { Instant(rfc3339: $0) } ?? SystemTime().now
    let explanation = try store.read {
      try TradeExplanation(of: asked, account: account, by: time, $0)
    }
    guard let explanation else {
      if case .order = asked { throw TradeExplanation.unknownOrder(subject) }
      throw Fault(
        "explain", subject, cause: "no plan by then has a line of it",
        remedy: "carillon portfolio drift shows the instruments of the newest plan", exit: .no)
    }
    json ? Console.out(explanation.json) : explanation.printed(try global.clock())
    return true
  }
}
