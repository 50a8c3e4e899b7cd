import Domain
import Scheduler
import Store

/// What the ledger must be told, in its order: the actions of the planner, and what is told or audited
/// beside them. What cannot be written now stays, so that nothing is lost and nothing is overtaken
/// while the storage refuses.
struct LedgerOutbox {
  /// One thing to write.
  enum Entry {
    /// What the planner wants.
    case action(PlannerAction)
    /// A row of the audit.
    case audit(String, String)
    /// A fact that others can read, or its end.
    case fact(ServiceFact, String?)
    /// An alert of the service itself.
    case alert(Alert)
  }

  /// Entries that are written in one transaction.
  enum Batch {
    /// Slots to claim.
    case starts([Firing])
    /// Slots that end without a run.
    case records([(slot: Slot, trigger: Trigger, state: RunState, reason: RunReason)])
    /// Marks to save.
    case marks([JobMark])
    /// A row of the audit, or a fact.
    case note(Entry)

    var count: Int {
      switch self {
      case .starts(let firings): firings.count
      case .records(let records): records.count
      case .marks(let marks): marks.count
      case .note: 1
      }
    }
  }

  /// Slots that end without a run, and marks, are recorded so many at a time: after a long gap there
  /// are thousands in a row, and a transaction each would stop the loop for a minute.
  static let recordsPerTransaction = 1000

  private var entries: [Entry] = []

  /// Whether all is written.
  var isEmpty: Bool { entries.isEmpty }

  /// How much waits.
  var count: Int { entries.count }

  /// Adds actions behind all that waits.
  mutating func add(_ actions: [PlannerAction]) { entries += actions.map { .action($0) } }

  /// Adds an entry behind all that waits.
  mutating func add(_ entry: Entry) { entries.append(entry) }

  /// The first entries that belong into one transaction; nil when nothing waits.
  var next: Batch? {
    guard let first = entries.first else { return nil }
    guard case .action(let action) = first else { return .note(first) }
    switch action {
    case .start:
      // What can start at once is claimed in one transaction: one wait for the disk.
      return .starts(
        run(limit: .max) { if case .start(let firing) = $0 { firing } else { nil } })
    case .record:
      return .records(
        run(limit: Self.recordsPerTransaction) {
          guard case .record(let slot, let trigger, let state, let reason) = $0 else { return nil }
          return (slot, trigger, state, reason)
        })
    case .saveMark:
      return .marks(
        run(limit: Self.recordsPerTransaction) {
          if case .saveMark(let mark) = $0 { mark } else { nil }
        })
    }
  }

  /// Forgets the first entries, which are written.
  mutating func removeFirst(_ count: Int) { entries.removeFirst(count) }

  /// Turns the starts that wait into records of debts: nothing starts any more.
  ///
  /// - Returns: the slots.
  mutating func deferStarts() -> [Slot] {
    var slots: [Slot] = []
    for index in entries.indices {
      guard case .action(.start(let firing)) = entries[index] else { continue }
      slots.append(firing.slot)
      entries[index] = .action(
        .record(
          firing.slot, firing.trigger, .deferred,
          reason: RunReason(.stopping, "the process was told to stop")))
    }
    return slots
  }

  private func run<Value>(limit: Int, _ value: (PlannerAction) -> Value?) -> [Value] {
    var values: [Value] = []
    for entry in entries {
      guard values.count < limit, case .action(let action) = entry, let next = value(action)
      else { return values }
      values.append(next)
    }
    return values
  }
}
