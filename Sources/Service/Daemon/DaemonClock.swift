public import Domain
public import Jobs
import Logging
public import Scheduler
import Store

// What the daemon does about a wall clock that was set.
extension Daemon {
  /// Looks at both clocks, and takes back what is from the future when the wall clock was set back.
  mutating func look(now: Instant, uptime: TimeSpan) throws -> [ClaimedRun] {
    var claimed: [ClaimedRun] = []
    if let jump = clock.look(now: now, uptime: uptime) {
      log.warning("clock_jump", metadata: ["by": "\(jump)"])
      outbox.add(.audit("clock_jump", "by \(jump), to \(now)"))
      if jump < .zero { owesSetBack = true }
    }
    if owesSetBack {
      // What waits to be written was decided under the clock of before: it comes first, or it would be
      // from the future once more. What the storage refuses now is done in a later turn.
      claimed += try flush(now: now)
      if unrecorded == 0, mayAsk {
        claimed += try setBack(now: now, isTrusted: owesTrustedSetBack)
        (owesSetBack, owesTrustedSetBack) = (false, false)
      }
    }
    return claimed + (try tellSuspicion(now: now))
  }

  /// Whether jobs that place orders wait for a proof of the clock.
  func wantsClockProof(now: Instant) -> Bool {
    doubt.suspicion(now: now, leap: clock.leap) != nil
  }

  /// Takes note of what is known of the wall clock from elsewhere. Once it proves the clock, jobs that
  /// place orders go on.
  public mutating func take(_ reading: ClockReading, now: Instant) throws -> [ClaimedRun] {
    guard doubt.suspicion(now: now, leap: clock.leap) != nil, doubt.take(reading) else { return [] }
    log.notice("the clock is proven: the kernel calls it synchronised, and the venues agree")
    return try trust(now: now)
  }

  /// Takes the wall clock for right, and takes back all that is from the future.
  mutating func trust(now: Instant) throws -> [ClaimedRun] {
    clock.trust()
    doubt.trust()
    // Should the ledger refuse now, a later turn does it.
    (owesSetBack, owesTrustedSetBack) = (true, true)
    let claimed = try setBack(now: now, isTrusted: true)
    (owesSetBack, owesTrustedSetBack) = (false, false)
    return claimed + (try tellSuspicion(now: now))
  }

  private mutating func setBack(
    now: Instant, isTrusted: Bool = false
  ) throws -> [ClaimedRun] {
    guard try Self.setBack(store, schedule, &doubt, isTrusted: isTrusted, now: now, log) else {
      return []
    }
    let (marks, debts) = try store.read { (try $0.marks.all(), try $0.runs.debts()) }
    return try perform(planner.setBack(marks: marks, debts: debts, now: now), now: now)
  }

  /// Takes back what the ledger holds from the future; of jobs that place orders only once the clock
  /// is proven, where a proof is asked for.
  ///
  /// - Returns: whether there was anything.
  @discardableResult
  static func setBack(
    _ store: Store, _ schedule: Schedule, _ doubt: inout ClockDoubt, isTrusted: Bool = false,
    now: Instant, _ log: Logger
  ) throws -> Bool {
    let isSparing = doubt.asksForProof && !isTrusted
    let spared = isSparing ? schedule.jobs.filter(\.kind.placesOrders).map(\.name) : []
    let found = try store.setBack(at: now, sparing: Set(spared))
    doubt.spare(isSparing ? try store.latestFromTheFuture(at: now) : nil)
    guard found.latest != nil else { return false }
    log.warning("the clock was set back: \(found.description)")
    return true
  }

  /// Tells planner and ledger when the clock becomes suspicious, or is so no more: once, and not at
  /// each look, each of which finds it at another time.
  private mutating func tellSuspicion(now: Instant) throws -> [ClaimedRun] {
    let suspicion = doubt.suspicion(now: now, leap: clock.leap)
    guard (suspicion == nil) != (conditions.clockSuspicion == nil) else {
      return try flush(now: now)
    }
    conditions.clockSuspicion = suspicion
    outbox.add(.fact(.clockSuspicion, suspicion))
    if let suspicion {
      log.error("the clock is not to be trusted, orders wait: \(suspicion)")
    } else {
      log.notice("the clock is to be trusted again")
    }
    return try perform(planner.handle(.clockSuspect(suspicion != nil), now: now), now: now)
  }
}
