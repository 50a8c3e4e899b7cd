public import Domain

// The past that is pruned, and a future that was not to be.
extension MemoryLedger {
  /// Forgets the rows of a job's slots up to an instant, as far as they have ended. None of these
  /// slots fires again.
  public mutating func prune(_ job: JobName, through last: Instant) {
    let ended = rows.filter { $0.key.job == job && $0.key.time <= last && $0.value.state.isFinal }
    guard let newest = ended.keys.map(\.time).max() else { return }
    for slot in ended.keys { rows[slot] = nil }
    floors[job] = max(floors[job] ?? newest, newest)
    var mark = marks[job] ?? JobMark(job: job, since: newest, timing: "")
    mark.slot = max(mark.slot ?? newest, newest)
    marks[job] = mark
  }

  /// Takes back what is from the future, as the real ledger does when the clock was set back.
  ///
  /// - Returns: whether anything was.
  public mutating func setBack(now: Instant) -> Bool {
    let limit = now + Instant.futureMargin
    let ahead = rows.filter { $0.key.time > limit && $0.value.ahead == nil }
    let isMarked = marks.values.contains { mark in
      [
        mark.slot, mark.since, mark.lastSuccess?.slot, mark.lastSuccess?.ended,
        pausedSince[mark.job],
      ]
      .contains { $0.map { $0 > limit } ?? false }
    }
    guard !ahead.isEmpty || isMarked else { return false }
    // Within the margin too, which only tells whether the clock was ahead at all; but for what followed
    // a run that stands, since nobody lets it fall due again.
    let verdicts = rows.filter {
      $0.key.time > ($0.value.trigger == .after ? limit : now) && $0.value.started == nil
        && $0.value.state != .running
    }
    for slot in verdicts.keys { rows[slot] = nil }
    for (slot, row) in ahead where row.state != .running && row.started != nil {
      if row.state.isDebt {
        write(
          slot, .missed, row.trigger,
          "begun under a clock that was ahead, and not done when it was set back")
      }
      rows[slot]?.ahead = now
    }
    let byJob = Dictionary(grouping: rows.keys, by: \.job)
    for job in marks.keys { setBackMark(job, byJob[job] ?? [], now, limit) }
    return true
  }

  private mutating func setBackMark(
    _ job: JobName, _ slots: [Slot], _ now: Instant, _ limit: Instant
  ) {
    guard var mark = marks[job] else { return }
    if let slot = mark.slot, slot > now {
      let newest = slots.filter { $0.time <= now && rows[$0]?.trigger != .manual }.map(\.time).max()
      mark.slot = [newest, floors[job]].compactMap(\.self).max()
      for slot in slots where slot.time > now { rows[slot]?.isPassed = true }
    }
    if mark.since > limit { mark.since = now }
    if let since = pausedSince[job], since > limit, let until = mark.pausedUntil {
      // It begins now, and is as long as it was meant to be.
      if until < .distantFuture { mark.pausedUntil = now + (until - since) }
      pausedSince[job] = now
    }
    if let success = mark.lastSuccess, success.slot > limit {
      let newest = slots.filter {
        $0.time <= limit && rows[$0]?.state == .succeeded && rows[$0]?.ahead == nil
      }.max()
      mark.lastSuccess = newest.flatMap { slot in
        rows[slot]?.ended.map { (slot.time, min($0, now)) }
      }
    } else if let success = mark.lastSuccess, success.ended > limit {
      mark.lastSuccess = (success.slot, now)
    }
    marks[job] = mark
  }

  /// The newest slot of a job whose row was pruned; nil when none was.
  public func floor(of job: JobName) -> Instant? { floors[job] }
}
