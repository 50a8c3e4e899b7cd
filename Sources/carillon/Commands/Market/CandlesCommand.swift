import ArgumentParser
import Domain
import Store

/// `carillon candles ...`
struct CandlesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "candles",
    abstract: "Accept a candle that moves by more than is believed; fill series from files.",
    subcommands: [CandlesAcceptCommand.self, CandlesImportCommand.self])
}

/// `carillon candles accept`
struct CandlesAcceptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Take a candle as its source tells it, at the next fetch.",
    discussion: """
      A close that moves by more than `max-move` is held until the next candle confirms it, and set \
      apart when that does not. `carillon quarantine list` shows which.
      """)

  @Argument(help: "The symbol, like BTC-USDT.", completion: Completions.symbol)
  var symbol: String

  @Argument(help: "When the candle opens, like 2026-03-08T07:00:00Z.")
  var time: String

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard Symbol(symbol) != nil else {
      throw ValidationError("\(symbol) is no symbol; write it like BTC-USDT")
    }
    guard Instant(rfc3339: time) != nil else {
      throw ValidationError("\(time) is no time; write it like 2026-03-08T07:00:00Z")
    }
  }

  func run() throws {
    guard let time = Instant(rfc3339: time) else { return }
    let (store, lock) = try Workspace(global).openForWriting("carillon candles accept")
    defer { withExtendedLifetime(lock) {} }
    let accepted = try store.write(at: SystemTime().now) { transaction in
      let found = try transaction.series.all().filter {
        "\($0.series.symbol)" == symbol && $0.series.timeframe.isAligned(time)
      }
      for series in found { try transaction.acceptances.accept(time, of: series) }
      if !found.isEmpty {
        try transaction.audit.append("candles", "accepted \(symbol) \(time)")
      }
      return found.map { "\($0.series)" }
    }
    try store.close()
    guard !accepted.isEmpty else {
      throw Fault(
        "accept", "\(symbol) at \(time)", cause: "no series of it has a candle that opens then",
        remedy: "carillon quarantine list shows what is held", exit: .data)
    }
    Console.out("accepted; the next fetch takes it: \(accepted.joined(separator: ", "))")
  }
}
