public import Domain
import GRDB

// How a run begins. All of it happens inside one `BEGIN IMMEDIATE`, so of two processes that claim
// the same slot one sees the other's row; the unique indexes hold even if this code should not.

extension RunTable where Tx == WriteTransaction {
  /// Claims a slot for this process: inserts its run, or takes up a debt, and begins an attempt.
  ///
  /// Rows whose process is gone are first turned into debts. The mark of the job moves to the slot,
  /// unless the firing is manual, whenever the slot is claimed or found to be final.
  ///
  /// - Parameters:
  ///   - firing: what is due.
  ///   - holder: this process.
  ///   - force: whether a run that has its final state is tried once more.
  public func claim(_ firing: Firing, holder: HolderID, force: Bool = false) throws -> Claim {
    let slot = firing.slot
    let rivals = try reap(rivals(of: firing))
    let existing = try run(slot)
    if let existing, existing.state == .running { return .busy(existing) }
    if let existing, existing.state.isFinal, !force {
      try advanceMark(firing)
      return .already(existing)
    }
    // A debt from the future that is left has orders to be looked after.
    if existing?.state.isDebt != true, slot.time.isFromTheFuture(at: tx.now) { return .early }
    if existing == nil, !force, let floor = try tx.marks.floor(of: slot.job), slot.time <= floor {
      return .pruned
    }
    if let latest = firing.latestStart, tx.now > latest {
      if existing?.state.isFinal != true {
        try record(
          slot, trigger: firing.trigger, state: .missed, reason: "too late",
          cause: .late)
      }
      return .tooLate
    }
    if let rival = rivals.first(where: { $0.slot.job == slot.job }) { return .busy(rival) }
    if let rival = rivals.first { return .groupBusy(rival) }
    if let existing, !force {
      let crashes = try crashes(of: existing.id)
      if crashes >= max(firing.policy.retry.max, RetryPolicy.minimumCrashAttempts) {
        try record(
          slot, trigger: firing.trigger, state: .failed,
          reason: "the process ended during each of \(crashes) attempts", cause: .died)
        return .crashedTooOften
      }
    }
    try advanceMark(firing)
    let run = try begin(firing, holder: holder, existing: existing, force: force)
    let attempt = try lastAttempt(of: run) + 1
    try insertAttempt(run: run, number: attempt, holder: holder)
    return .claimed(run: run, attempt: attempt)
  }

  /// Turns the runs of dead processes into debts.
  ///
  /// - Returns: the runs that were, now `interrupted`.
  @discardableResult
  public func reap() throws -> [RunRecord] {
    let before = try running()
    let alive = Set(try reap(before).map(\.id))
    return try before.filter { !alive.contains($0.id) }.compactMap { try run($0.id) }
  }

  /// The running rows that stand in the way of a firing: of its job and of its group.
  private func rivals(of firing: Firing) throws -> [RunRecord] {
    var rivals = try many(
      "WHERE run.state = 'running' AND run.job = ?", [firing.slot.job.text])
    if let group = firing.policy.group {
      rivals += try many(
        "WHERE run.state = 'running' AND run.grp = ? AND run.job <> ?",
        [group, firing.slot.job.text])
    }
    return rivals
  }

  /// Turns those rows whose process is gone into debts and returns the others.
  private func reap(_ running: [RunRecord]) throws -> [RunRecord] {
    try running.filter { record in
      guard let holder = record.holder else { preconditionFailure("a running row has a holder") }
      if try ProcessLock.isAlive(holder, beside: tx.path) { return true }
      try db.executeCached(
        sql: """
          UPDATE attempt SET ended = ?, outcome = 'crashed', reason = 'its process ended'
          WHERE run = ? AND ended IS NULL
          """, arguments: [tx.now.milliseconds, record.id])
      try move(record, to: .interrupted, reason: "its process ended", cause: .died)
      return false
    }
  }

  private func begin(
    _ firing: Firing, holder: HolderID, existing: RunRecord?, force: Bool
  ) throws -> Int64 {
    try require(from: existing?.state, to: .running, firing.slot, force: force)
    let now = tx.now.milliseconds
    guard let existing else {
      try db.executeCached(
        sql: """
          INSERT INTO run (job, slot, state, "trigger", grp, holder, created, started)
          VALUES (?, ?, 'running', ?, ?, ?, ?, ?)
          """,
        arguments: [
          firing.slot.job.text, firing.slot.time.milliseconds, firing.trigger.rawValue,
          firing.policy.group, holder.text, now, now,
        ])
      return db.lastInsertedRowID
    }
    // What first made the slot due stays: it tells whether its end may move the mark.
    try db.executeCached(
      sql: """
        UPDATE run SET state = 'running', reason = NULL, cause = NULL, result = NULL, grp = ?, holder = ?,
          started = ?, ended = NULL, ahead = NULL
        WHERE id = ?
        """, arguments: [firing.policy.group, holder.text, now, existing.id])
    return existing.id
  }

  func insertAttempt(run: Int64, number: Int, holder: HolderID) throws {
    try db.executeCached(
      sql: "INSERT INTO attempt (run, n, holder, started) VALUES (?, ?, ?, ?)",
      arguments: [run, number, holder.text, tx.now.milliseconds])
  }

  private func crashes(of run: Int64) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(
        sql: "SELECT count(*) FROM attempt WHERE run = ? AND outcome = 'crashed'"),
      arguments: [run]) ?? 0
  }

  private func advanceMark(_ firing: Firing) throws {
    guard firing.trigger != .manual else { return }
    try tx.marks.advance(firing.slot)
  }
}
