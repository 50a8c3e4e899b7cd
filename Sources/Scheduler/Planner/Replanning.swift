public import Domain
import HeapModule

// What changes the plan from outside: an edited file, a pause by hand.
extension Planner {
  /// Follows another schedule from now on.
  ///
  /// Does nothing in a drain: the next start reads the file. Runs in flight are not touched. Jobs whose timing is the same keep their state; new ones and
  /// those of another timing begin now. What is due stays due, and what waits of jobs that are gone
  /// ends `skipped`.
  public mutating func reload(_ new: Schedule, now: Instant) -> [PlannerAction] {
    var actions = tick(now: now)
    guard !isDraining else { return actions }
    let old = schedule
    for index in states.indices {
      let job = old.jobs[index]
      guard new[job.name]?.timingIdentity != job.timingIdentity else { continue }
      // What jitter holds back was due under the old timing.
      fallDue(index, through: now, now, &actions)
      if new.index(of: job.name) == nil {
        leave(index, &actions)
      } else {
        // From now on the mark bars what is before now, so what waits needs a row of its own.
        deferWaitingSlots(of: index, Self.timingChanged, &actions)
      }
    }
    let before = states
    schedule = new
    states = new.jobs.map { job in
      let known = old.index(of: job.name).map { before[$0] } ?? gone.removeValue(forKey: job.name)
      var state = known ?? JobState(mark: JobMark(job: job.name, since: now, timing: ""))
      state.mark = Self.mark(of: job, state.mark, now: now, &actions)
      return state
    }
    clearQueues()
    for index in states.indices {
      let isKnown = old[new.jobs[index].name]?.timingIdentity == new.jobs[index].timingIdentity
      begin(index, next: isKnown ? states[index].next : firstSlot(index, now: now))
    }
    for index in states.indices { place(index) }
    dispatch(now, &actions)
    return actions
  }

  /// Ends what waits of a job that is gone, and forgets since when it was there.
  private mutating func leave(_ index: Int, _ actions: inout [PlannerAction]) {
    let name = schedule.jobs[index].name
    var state = states[index]
    for due in state.queue {
      actions.append(
        .record(Slot(job: name, time: due.time), due.trigger, .skipped, reason: Self.gone))
      if due.trigger != .manual { state.newest = max(state.newest ?? due.time, due.time) }
    }
    if let running = state.running {
      departed[Slot(job: name, time: running.time)] = running.group
    }
    (state.queue, state.running, state.next, state.mark.timing) = ([], nil, nil, "")
    gone[name] = state
  }

  /// Empties what is built from the states of the jobs: timers and the lines before workers and
  /// groups.
  mutating func clearQueues() {
    timers = []
    ready = []
    placed = []
    held = []
    groups = [:]
    saturatedUntil = nil
    for (slot, group) in departed {
      if let group { groups[group, default: GroupState()].holder = slot }
    }
    for index in states.indices {
      guard let running = states[index].running, let group = running.group else { continue }
      groups[group, default: GroupState()].holder = Slot(
        job: schedule.jobs[index].name, time: running.time)
    }
  }

  /// Pauses a job by hand: its slots end `skipped` until an instant, or until `resume`.
  public mutating func pause(
    _ name: JobName, until: Instant = .distantFuture, now: Instant
  ) -> [PlannerAction] {
    var actions = tick(now: now)
    guard let index = schedule.index(of: name), until > now else { return actions }
    states[index].mark.pausedUntil = until
    if until < .distantFuture {
      timers.insert(PlannerTimer(at: until, index: index, purpose: .resume))
    }
    actions.append(.saveMark(states[index].mark))
    dispatch(now, &actions)
    return actions
  }

  /// Ends a pause by hand. The job is as good as new to health, and what it slept through stays
  /// `skipped`.
  public mutating func resume(_ name: JobName, now: Instant) -> [PlannerAction] {
    var actions = tick(now: now)
    if let index = schedule.index(of: name), states[index].mark.pausedUntil != nil {
      endPause(index, at: now, now, &actions)
      dispatch(now, &actions)
    }
    return actions
  }

  /// Until when a job is paused by hand; nil when it is not, `.distantFuture` until it is resumed.
  public func pausedUntil(_ name: JobName) -> Instant? {
    schedule.index(of: name).flatMap { states[$0].mark.pausedUntil }
  }

  /// Ends slots that are due and not started, as a person wants it: they end `skipped`, each with its
  /// reason, and so does what was owed after them. Slots that do not wait are left alone.
  public mutating func cancel(
    _ slots: [(slot: Slot, reason: RunReason)], now: Instant
  ) -> [PlannerAction] {
    var actions = takeBacklog()
    for (slot, reason) in slots { cancel(slot, reason, &actions) }
    dispatch(now, &actions)
    return actions
  }

  private mutating func cancel(_ slot: Slot, _ reason: RunReason, _ actions: inout [PlannerAction])
  {
    guard let index = schedule.index(of: slot.job),
      let position = states[index].queue.firstIndex(where: { $0.time == slot.time })
    else { return }
    // Its row moves the mark past the slots before it, so each of them needs one of its own.
    deferWaitingSlots(of: index, before: slot.time, Self.cancelledLater, &actions)
    end(at: position, of: index, .skipped, reason, &actions)
    // It may have been this job's turn in the group.
    if position == 0, let group = schedule.jobs[index].policy.group { offer(group: group) }
  }

  private static let timingChanged = RunReason(.waiting, "its timing was changed while it waited")

  private static let cancelledLater = RunReason(.waiting, "a later slot was cancelled")

  /// Ends a pause. The slots up to its end are part of it, also those whose start jitter would have
  /// moved behind it: what is before `since` never falls due again.
  mutating func endPause(
    _ index: Int, at time: Instant, _ now: Instant, _ actions: inout [PlannerAction]
  ) {
    fallDue(index, through: time, now, &actions)
    endWaitingSlots(of: index, through: time, .skipped, RunReason(.paused, "paused"), &actions)
    states[index].mark.pausedUntil = nil
    states[index].mark.since = max(states[index].mark.since, time)
    actions.append(.saveMark(states[index].mark))
  }
}
