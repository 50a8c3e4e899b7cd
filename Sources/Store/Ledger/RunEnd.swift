public import Domain
import GRDB

// How a run ends, and how slots end that were never run.

extension RunTable where Tx == WriteTransaction {
  /// Begins another attempt of a run that this process holds, after `endAttempt`.
  ///
  /// - Returns: the number of the attempt.
  public func beginAttempt(run id: Int64, holder: HolderID) throws -> Int {
    let record = try held(id)
    guard record.holder == holder, try openAttempt(of: id) == nil else {
      throw lost(record, "begin an attempt of")
    }
    let attempt = try lastAttempt(of: id) + 1
    try insertAttempt(run: id, number: attempt, holder: holder)
    return attempt
  }

  /// Ends an attempt while the run goes on: before a pause, and another attempt or `finish`.
  public func endAttempt(
    run id: Int64, attempt: Int, outcome: AttemptOutcome, reason: String?
  ) throws {
    let record = try held(id)
    guard try openAttempt(of: id) == attempt else { throw lost(record, "end the attempt of") }
    try close(run: id, attempt: attempt, outcome, reason)
  }

  /// Ends a run, and its attempt if that is still under way. Belongs into the transaction that
  /// commits what the run achieved.
  ///
  /// A success moves the job's last success, of a manual run too, and makes those followers due
  /// whose parents have now all succeeded at the slot. What follows a manual run is manual: it never
  /// moves a mark either.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - attempt: the attempt that this process began last. If the run was since given to another
  ///     process, nothing is written.
  ///   - state: the end, or the debt.
  ///   - reason: why, when the state alone does not say so.
  ///   - result: what was achieved, in a line or as JSON.
  ///   - followers: the jobs that may now fall due.
  /// - Returns: the slots that have fallen due, recorded as `deferred`.
  @discardableResult
  public func finish(
    run id: Int64, attempt: Int, state: RunState, reason: String? = nil, cause: RunCause? = nil,
    result: String? = nil,
    followers: [Follower] = []
  ) throws -> [Slot] {
    let record = try held(id)
    guard try lastAttempt(of: id) == attempt else { throw lost(record, "finish") }
    if try openAttempt(of: id) == attempt {
      try close(run: id, attempt: attempt, AttemptOutcome(endOf: state), reason)
    }
    try move(record, to: state, reason: reason, cause: cause, result: result)
    if record.slot.time.isFromTheFuture(at: tx.now) {
      // The clock was set back under it.
      try db.executeCached(
        sql: "UPDATE run SET ahead = ? WHERE id = ?", arguments: [tx.now.milliseconds, id])
      return []
    }
    guard state == .succeeded else { return [] }
    try tx.marks.succeed(record.slot)
    return try fallDue(followers, after: record)
  }

  /// Records the state of a slot without an attempt: `deferred`, `skipped`, `coalesced`, `missed`.
  ///
  /// Inserts the run, or moves a debt. A run that is final or under way is left as it is. Moves the
  /// mark of the job unless the trigger is manual.
  ///
  /// - Returns: whether the state was recorded.
  @discardableResult
  public func record(
    _ slot: Slot, trigger: Trigger, state: RunState, reason: String?, cause: RunCause? = nil
  ) throws -> Bool {
    if trigger != .manual { try tx.marks.advance(slot) }
    guard let existing = try run(slot) else {
      try require(from: nil, to: state, slot)
      let now = tx.now.milliseconds
      try db.executeCached(
        sql: """
          INSERT INTO run (job, slot, state, reason, cause, "trigger", created, ended)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          slot.job.text, slot.time.milliseconds, state.rawValue, reason, cause?.rawValue,
          trigger.rawValue, now, state.isFinal ? now : nil,
        ])
      if state.isFinal { try count(slot.job, trigger, state) }
      return true
    }
    guard existing.state.isDebt, existing.state != state else { return false }
    if state == .deferred { return false }  // owed already
    try move(existing, to: state, reason: reason, cause: cause)
    return true
  }

  /// The one place where the state of a row changes, but for the claim.
  func move(
    _ record: RunRecord, to state: RunState, reason: String?, cause: RunCause?,
    result: String? = nil
  ) throws {
    try require(from: record.state, to: state, record.slot)
    try db.executeCached(
      sql: """
        UPDATE run SET state = ?, reason = ?, cause = ?, result = ?, holder = NULL, ended = ? WHERE id = ?
        """,
      arguments: [
        state.rawValue, reason, cause?.rawValue, result, tx.now.milliseconds, record.id,
      ])
    if state.isFinal { try count(record.slot.job, record.trigger, state) }
  }

  func require(from: RunState?, to: RunState, _ slot: Slot, force: Bool = false) throws {
    guard RunTransition.isLegal(from: from, to: to, force: force) else {
      throw Fault(
        "record", "\(slot)", cause: "\(from?.rawValue ?? "nothing") cannot become \(to)",
        exit: .internal)
    }
  }

  private func count(_ job: JobName, _ trigger: Trigger, _ state: RunState) throws {
    try db.executeCached(
      sql: """
        INSERT INTO run_total (job, "trigger", state, runs) VALUES (?, ?, ?, 1)
        ON CONFLICT DO UPDATE SET runs = runs + 1
        """, arguments: [job.text, trigger.rawValue, state.rawValue])
  }

  private func fallDue(_ followers: [Follower], after parent: RunRecord) throws -> [Slot] {
    try followers.compactMap { follower in
      let slot = Slot(job: follower.job, time: parent.slot.time)
      guard try run(slot) == nil else { return nil }
      for job in follower.parents {
        guard try run(Slot(job: job, time: slot.time))?.state == .succeeded else { return nil }
      }
      try require(from: nil, to: .deferred, slot)
      try db.executeCached(
        sql: """
          INSERT INTO run (job, slot, state, reason, cause, "trigger", created)
          VALUES (?, ?, 'deferred', ?, 'waiting', ?, ?)
          """,
        arguments: [
          slot.job.text, slot.time.milliseconds, "due after \(parent.slot.job)",
          parent.trigger == .manual ? Trigger.manual.rawValue : Trigger.after.rawValue,
          tx.now.milliseconds,
        ])
      return slot
    }
  }

  private func held(_ id: Int64) throws -> RunRecord {
    guard let record = try run(id) else {
      throw Fault("find", "run \(id)", cause: "there is no such run", exit: .internal)
    }
    guard record.state == .running else { throw lost(record, "end") }
    return record
  }

  func lastAttempt(of run: Int64) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(sql: "SELECT coalesce(max(n), 0) FROM attempt WHERE run = ?"),
      arguments: [run]) ?? 0
  }

  private func openAttempt(of run: Int64) throws -> Int? {
    try Int.fetchOne(
      db.cachedStatement(sql: "SELECT n FROM attempt WHERE run = ? AND ended IS NULL"),
      arguments: [run])
  }

  private func close(
    run: Int64, attempt: Int, _ outcome: AttemptOutcome, _ reason: String?
  ) throws {
    try db.executeCached(
      sql: "UPDATE attempt SET ended = ?, outcome = ?, reason = ? WHERE run = ? AND n = ?",
      arguments: [tx.now.milliseconds, outcome.rawValue, reason, run, attempt])
  }

  /// The run was taken from this process, as if it had died: what it did must not be committed.
  private func lost(_ record: RunRecord, _ operation: String) -> Fault {
    Fault(
      operation, "run \(record.id) (\(record.slot))",
      cause: "this process no longer holds it: it is \(record.state)", exit: .internal)
  }
}
