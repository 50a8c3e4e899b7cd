import Dashboard
import Domain
import Jobs
import Store

/// How an account stands against its venue, by the last statement.
enum StatementFacts {
  /// Adds it to the facts of an account that is at a venue.
  static func add(
    _ account: Account, _ clock: PageClock, _ transaction: ReadTransaction, to facts: inout Facts
  ) throws {
    guard account.place != nil else { return }
    guard let record = try transaction.statements.latest(account.name) else {
      facts.add("Statement", Standing.warning.shown("none yet: schedule a reconcile job"))
      return
    }
    let statement = try VenueStatement(record)
    let words: HTML =
      statement.words.map { Standing.bad.shown($0) }
      ?? Standing.good.shown("\(statement.lines.count) assets agree")
    let told: HTML = "\(words) \(clock.shown(record.time))"
    facts.add("Statement", told)
  }
}
