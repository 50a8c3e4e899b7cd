import Domain
import Store

/// What the service tells of its own stop.
enum ServiceAlerts {
  /// Runs that are named.
  private static let namedRuns = 5

  /// It was told to stop.
  static func stopping(_ inFlight: [Slot]) -> Alert {
    let names = inFlight.prefix(namedRuns).map { "\($0)" }.joined(separator: ", ")
    let more = inFlight.count > namedRuns ? " and \(inFlight.count - namedRuns) more" : ""
    return Alert(
      .serviceStopping,
      inFlight.isEmpty
        ? "Carillon is stopping; nothing runs"
        : "Carillon is stopping once these have ended: \(names)\(more)")
  }

  /// It has stopped: with what stays open.
  static func stopped(_ code: ExitCode, _ transaction: ReadTransaction) throws -> Alert {
    let orders = try transaction.accounts.all().map { account in
      try transaction.orders.working(account.name).count
    }.reduce(0, +)
    let owed = try transaction.runs.debts().count
    var parts = [code == .done ? "Carillon has stopped" : "Carillon was stopped, jobs interrupted"]
    parts.append(orders == 1 ? "1 order stays open" : "\(orders) orders stay open")
    if owed > 0 { parts.append(owed == 1 ? "1 slot is owed" : "\(owed) slots are owed") }
    return Alert(.serviceStopped, parts.joined(separator: "; "))
  }
}
