import Synchronization

/// Keeps the budget of one venue: in memory, or on record, shared with other processes.
public protocol BudgetLedger: Sendable {
  /// Changes the budget, alone: nobody else reads or changes it meanwhile. May block on the disk.
  func change<T: Sendable>(_ body: (inout RateBudget) -> T) throws -> T

  /// The budget as it stands, whoever changed it last. Waits for no disk.
  func state() throws -> RateBudget
}

/// A budget that ends with the process.
public final class MemoryBudget: BudgetLedger {
  private let budget: Mutex<RateBudget>

  /// A ledger that begins with this budget.
  public init(_ budget: RateBudget = RateBudget()) { self.budget = Mutex(budget) }

  /// Changes the budget.
  public func change<T: Sendable>(_ body: (inout RateBudget) -> T) throws -> T {
    budget.withLock { body(&$0) }
  }

  /// The budget as it stands.
  public func state() -> RateBudget { budget.withLock { $0 } }
}
