import Domain
import Jobs

/// A statement on the screen.
struct StatementView {
  private let statement: VenueStatement

  init(_ statement: VenueStatement) { self.statement = statement }

  /// Prints it.
  func show(_ output: OutputOptions, _ clock: Clock) throws {
    if output.json { return Console.out(statement.json) }
    var table = Table("ASSET", ">LEDGER", ">EXCHANGE", ">BESIDE", ">DIFFERENCE")
    for line in statement.lines {
      table.add(
        line.asset, "\(line.ledger)", "\(line.venue)", "\(line.beside)",
        line.difference == .zero ? "" : "\(line.difference)")
    }
    output.print(table)
    guard !output.plain else { return }
    if !statement.trades.isEmpty {
      var trades = Table("TIME", "TRADE", "SYMBOL", "SIDE", ">QTY", ">PRICE", "HOW")
      for trade in statement.trades {
        trades.add(
          clock.text(trade.time), trade.id, "\(trade.symbol)", trade.side.rawValue,
          "\(trade.quantity)", "\(trade.price)", Self.words(trade.kind))
      }
      output.print(trades)
    }
    Console.out(
      "\(statement.account) at \(statement.place), \(clock.text(statement.time)): "
        + "\(statement.compared) trades compared"
        + (statement.strangers > 0 ? ", \(statement.strangers) of others" : "")
        + (statement.since.map { " since \(clock.text($0))" } ?? ""))
    if let reason = statement.accepted { Console.out("accepted: \(reason)") }
    Console.out(statement.words.map { "differs: \($0)" } ?? "agrees to the last unit")
  }

  private static func words(_ kind: VenueStatement.Trade.Kind) -> String {
    switch kind {
    case .missing: "not in the ledger"
    case .untold: "in the ledger alone"
    case .altered: "other figures in the ledger"
    }
  }
}
