import Domain
import Net
import Store
import Synchronization

/// The budget of a venue in the database, once a job has told which: the daemon, runs by hand and the
/// next start share it. Until then it is kept in memory.
final class StoredBudget: BudgetLedger {
  /// All of an address: Binance counts by it.
  private static let scope = "address"

  private let venue: String
  private let time: any TimeSource
  private let initial: RateBudget
  private let memory: MemoryBudget
  private let store = Mutex<Store?>(nil)

  init(venue: String, time: any TimeSource, budget: RateBudget = RateBudget()) {
    (self.venue, self.time, initial) = (venue, time, budget)
    memory = MemoryBudget(budget)
  }

  /// Keeps the budget in this database from now on.
  func keep(in store: Store) { self.store.withLock { $0 = store } }

  func change<T: Sendable>(_ body: (inout RateBudget) -> T) throws -> T {
    guard let store = store.withLock({ $0 }) else { return try memory.change(body) }
    return try store.write(at: time.now) { transaction in
      let text = try transaction.rateBudgets.state(of: venue, scope: Self.scope)
      var budget = budget(text)
      let answer = body(&budget)
      if budget.text != text {
        try transaction.rateBudgets.save(budget.text, of: venue, scope: Self.scope)
      }
      return answer
    }
  }

  func state() throws -> RateBudget {
    guard let store = store.withLock({ $0 }) else { return memory.state() }
    return budget(
      try store.read { try $0.rateBudgets.state(of: venue, scope: Self.scope) })
  }

  /// A text of another version is no reason to stop: the venue corrects the count.
  private func budget(_ text: String?) -> RateBudget {
    text.flatMap { RateBudget(text: $0) } ?? initial
  }
}
