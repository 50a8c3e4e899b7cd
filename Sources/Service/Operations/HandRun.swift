public import Domain
public import Jobs
public import Scheduler
public import Store

/// What holds of runs by hand: which slots they may have, and what becomes of one that is cut short.
public enum HandRun {
  /// A slot may be ahead of this machine's clock by so much: the clock of whoever wrote it may be.
  public static let longestAhead = TimeSpan.seconds(2)

  /// Refuses a slot that has not come, one at which orders would be sent at prices of the past, and orders
  /// by a clock that the service does not trust.
  ///
  /// - Parameters:
  ///   - names: the jobs that are to run at the slot.
  ///   - jobs: the jobs of the schedule.
  ///   - force: whether the person insists: then orders may be late, but never early.
  /// - Throws: a `Fault`, exit 64 for a time that has not come, exit 77 for orders that are late.
  public static func check(
    _ names: [JobName], at slot: Instant, in schedule: Schedule, _ jobs: [JobName: any Job],
    _ store: Store, force: Bool, now: Instant
  ) throws {
    guard slot <= now + longestAhead else { throw notYet(slot, now: now) }
    guard !force else { return }
    for name in names {
      guard let account = jobs[name]?.account else { continue }
      try checkClock(of: "\(name)", insisting: "carillon job run \(name) --force", store)
      let newest = try store.read { try $0.plans.newest(account: account, by: now) }
      let remedy =
        "leave --at out to trade now; to insist: "
        + "carillon job run \(name) --at \(slot) --force"
      if let newest, newest.slot.time > slot {
        throw Fault(
          "run", "\(name) at \(slot)",
          cause: "account \(account) was rebalanced for \(newest.slot.time) since, "
            + "and orders of before would undo it",
          remedy: remedy, exit: .refused)
      }
      if let latest = schedule.latestStart(of: name, slot: slot), now > latest {
        throw Fault(
          "run", "\(name) at \(slot)",
          cause: "its orders would be late: none is sent after \(latest) for this slot",
          remedy: remedy, exit: .refused)
      }
    }
  }

  /// Refuses to place orders while the service doubts the wall clock, as the database tells: by that clock
  /// prices would be taken for fresh, and slots for due.
  ///
  /// - Parameters:
  ///   - what: what would place them.
  ///   - command: the command by which a person insists; nil where none does.
  /// - Throws: a `Fault`, exit 77.
  public static func checkClock(
    of what: String, insisting command: String?, _ store: Store
  ) throws {
    guard let suspicion = try store.read({ try $0.service.fact(.clockSuspicion) }) else { return }
    throw Fault(
      "run", what, cause: "the clock is not to be trusted: \(suspicion.text)",
      remedy: "set the clock of this machine (timedatectl); if it is right: "
        + "carillon schedule trust-clock --reason TEXT"
        + (command.map { "; to insist: \($0)" } ?? ""), exit: .refused)
  }

  /// The refusal of a time that has not come.
  public static func notYet(_ slot: Instant, now: Instant) -> Fault {
    Fault(
      "run", "the slot of \(slot)", cause: "that time has not come: it is \(now)",
      remedy: "leave --at out to run it now, or name a time that is past", exit: .usage)
  }

  /// Ends a run that a person cut short at the keyboard: it is over, and not owed. Only where orders may
  /// have been sent without an answer it stays owed, so that the next start asks after them.
  ///
  /// - Returns: whether it is over.
  public static func end(_ slot: Slot, _ store: Store, now: Instant) throws -> Bool {
    try store.write(at: now) { transaction in
      guard try !transaction.orders.areInDoubt(slot) else { return false }
      let reason = RunReason.cancelled("at the keyboard")
      try transaction.runs.record(
        slot, trigger: .manual, state: .skipped, reason: reason.words, cause: reason.cause)
      return true
    }
  }

  /// What is said of a run that is owed another attempt: who pays, and how to drop it.
  public static func owed(_ run: Int64) -> String {
    "owed: a carillon that runs, or the next to start, tries it again; "
      + "to drop it: carillon job cancel \(run)"
  }
}
