import Domain
import HeapModule

// How slots that are due wait, start, and end without a start.
extension Planner {
  /// Puts a slot that fell due into the queue of its job, or ends it, or one that it takes the place
  /// of, as `overlap` and `catchup` say.
  mutating func enqueue(_ due: DueSlot, _ index: Int, _ actions: inout [PlannerAction]) {
    let job = schedule.jobs[index]
    let queue = states[index].queue
    let waiting = queue.lastIndex { $0.origin != .debt }
    let running = states[index].running
    // The clock was set back under it: its row bars it.
    if running?.time == due.time { return }
    if job.catchup == .all, due.isBehind || waiting != nil || running?.due.isBehind == true {
      insert(due, index)
      endTooManyWaiting(index, &actions)
      return
    }
    if let waiting {
      let old = queue[waiting]
      let tooLate = old.latestStart.map { $0 < due.time } ?? false
      end(
        at: waiting, of: index, tooLate ? .missed : .coalesced,
        tooLate ? tooLateReason(old, waitedFor: waitingReason(index)) : Self.covered(by: due.time),
        &actions)
    } else if let running, job.overlap == .skip {
      actions.append(
        .record(
          Slot(job: job.name, time: due.time), due.trigger, .skipped,
          reason: RunReason(
            .overlap, "the slot of \(running.time) was still running (overlap: skip)")))
      advance(index, to: due.time)
      return
    }
    insert(due, index)
  }

  private mutating func endTooManyWaiting(_ index: Int, _ actions: inout [PlannerAction]) {
    let waiting = states[index].queue.indices.filter { states[index].queue[$0].origin != .debt }
    if waiting.count > Self.maximumCatchupRuns {
      end(at: waiting[0], of: index, .coalesced, Self.tooManyWait, &actions)
    }
  }

  /// Inserts a slot into the queue of its job by its time, unless it is there or in flight.
  mutating func insert(_ due: DueSlot, _ index: Int) {
    let queue = states[index].queue
    guard states[index].running?.time != due.time else { return }
    let position = queue.lastIndex { $0.time <= due.time }.map { $0 + 1 } ?? 0
    if position > 0, queue[position - 1].time == due.time { return }
    states[index].queue.insert(due, at: position)
    if position == 0 { place(index) }
  }

  /// Decides what the first slot of a job's queue waits for.
  mutating func place(_ index: Int) {
    held.remove(index)
    guard states[index].running == nil, let first = states[index].queue.first else {
      states[index].place = .idle
      return
    }
    placed.append(index)
    if first.origin == .debt, hasOpenParent(index, at: first.time) {
      states[index].place = .parents
    } else {
      states[index].place = .ready
      ready.insert(Turn(time: first.time, index: index))
    }
  }

  private func isValid(_ turn: Turn, _ place: JobState.Place) -> Bool {
    states[turn.index].place == place && states[turn.index].queue.first?.time == turn.time
  }

  /// Starts all that can start, oldest slot first.
  mutating func dispatch(_ now: Instant, _ actions: inout [PlannerAction]) {
    guard !isDraining else { return }
    if let until = saturatedUntil, until <= now { saturatedUntil = nil }
    while inFlightCount < workers, saturatedUntil == nil, let turn = ready.popMin() {
      if isValid(turn, .ready) { startOrPark(turn, now, &actions) }
    }
    setDeadlineTimers()
    dropPassedTimers()
  }

  private mutating func startOrPark(
    _ turn: Turn, _ now: Instant, _ actions: inout [PlannerAction]
  ) {
    let index = turn.index
    let job = schedule.jobs[index]
    guard let due = states[index].queue.first else { return }
    if let latest = due.latestStart, latest < now {
      end(at: 0, of: index, .missed, tooLateReason(due), &actions)
    } else if let pause = pauseReason(index, slot: now) {
      end(at: 0, of: index, .skipped, pause, &actions)
    } else if isClockSuspect, job.kind.placesOrders {
      states[index].place = .clock
      held.insert(index)
    } else if let group = job.policy.group, groups[group]?.isFree == false {
      states[index].place = .group
      groups[group]?.waiters.insert(turn)
      return
    } else {
      start(index, &actions)
      return
    }
    // It may have been this job's turn in the group.
    if let group = job.policy.group { offer(group: group) }
  }

  private mutating func start(_ index: Int, _ actions: inout [PlannerAction]) {
    let job = schedule.jobs[index]
    let due = states[index].queue.removeFirst()
    let slot = Slot(job: job.name, time: due.time)
    states[index].running = RunningSlot(due: due, group: job.policy.group)
    states[index].place = .idle
    inFlightCount += 1
    if let group = job.policy.group { groups[group, default: GroupState()].holder = slot }
    guard
      var firing = schedule.firing(
        of: job.name, slot: due.time, trigger: due.trigger, latestStart: due.latestStart)
    else { preconditionFailure("a job of the schedule has a firing") }
    // A run by hand that is owed an attempt was not asked to run what follows.
    if due.trigger == .manual { firing.followers = [] } else { advance(index, to: due.time) }
    actions.append(.start(firing))
  }

  /// Ends a waiting slot without a start, and what was owed after it.
  mutating func end(
    at position: Int, of index: Int, _ state: RunState, _ reason: RunReason,
    _ actions: inout [PlannerAction]
  ) {
    let due = states[index].queue.remove(at: position)
    let slot = Slot(job: schedule.jobs[index].name, time: due.time)
    actions.append(.record(slot, due.trigger, state, reason: reason))
    if due.trigger != .manual { advance(index, to: due.time) }
    if position == 0 { place(index) }
    skipDescendants(of: slot, after: state, &actions)
  }

  /// Ends a waiting slot whose deadline has passed.
  mutating func endIfTooLate(
    _ index: Int, _ time: Instant, _ now: Instant, _ actions: inout [PlannerAction]
  ) {
    guard let position = states[index].queue.firstIndex(where: { $0.time == time }) else { return }
    let due = states[index].queue[position]
    guard let latest = due.latestStart, latest < now else { return }
    let wasHolding = position == 0
    end(
      at: position, of: index, .missed, tooLateReason(due, waitedFor: waitingReason(index)),
      &actions)
    if wasHolding, let group = schedule.jobs[index].policy.group { offer(group: group) }
  }

  func tooLateReason(_ due: DueSlot, waitedFor obstacle: String? = nil) -> RunReason {
    RunReason(
      .late,
      "too late" + (due.latestStart.map { ": the latest start was \($0)" } ?? "")
        + (obstacle.map { "; it waited for \($0)" } ?? ""))
  }

  /// What the first slot of a queue waits for.
  func waitingReason(_ index: Int) -> String {
    switch states[index].place {
    case .idle: "the run before it"
    case .ready: "a worker"
    case .group: "its group"
    case .clock: "the clock to be trusted"
    case .parked: "another run of the job"
    case .parents: "the jobs before it"
    }
  }

  /// Gives a free group to the job that waits for it longest.
  mutating func offer(group name: String) {
    guard groups[name]?.isFree == true else { return }
    while let turn = groups[name]?.waiters.popMin() {
      guard isValid(turn, .group) else { continue }
      place(turn.index)
      return
    }
  }

  /// Sets the timers of the deadlines of what still waits.
  private mutating func setDeadlineTimers() {
    for index in placed {
      guard let first = states[index].queue.first, let latest = first.latestStart else { continue }
      timers.insert(
        PlannerTimer(
          at: latest + .milliseconds(1), index: index, purpose: .deadline(first.time)))
    }
    placed.removeAll(keepingCapacity: true)
  }

  /// Keeps `nextWake` honest, and the heap in proportion to the jobs: what was set for slots that
  /// have started since is dropped.
  private mutating func dropPassedTimers() {
    while let first = timers.min, hasPassed(first) { timers.removeMin() }
    if timers.count > 4 * states.count + 1024 {
      timers = Heap(timers.unordered.filter { !hasPassed($0) })
    }
  }

  private func hasPassed(_ timer: PlannerTimer) -> Bool {
    switch timer.purpose {
    case .slot(let epoch): states[timer.index].epoch != epoch
    case .deadline(let slot): !states[timer.index].queue.contains { $0.time == slot }
    case .retry: states[timer.index].place != .parked
    case .group(let name): groups[name]?.blockedUntil == nil
    case .resume: states[timer.index].mark.pausedUntil == nil
    }
  }
}
