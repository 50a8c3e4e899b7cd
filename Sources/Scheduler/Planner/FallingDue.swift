import Domain
import HeapModule

// How slots of heads fall due, and which of them run.
extension Planner {
  /// The mark that a job begins with; a new or changed one is saved.
  static func mark(
    of job: ScheduledJob, _ known: JobMark?, now: Instant, _ actions: inout [PlannerAction]
  ) -> JobMark {
    if let known, known.timing == job.timingIdentity { return known }
    var mark = known ?? JobMark(job: job.name, since: now, timing: job.timingIdentity)
    (mark.since, mark.timing) = (now, job.timingIdentity)
    actions.append(.saveMark(mark))
    return mark
  }

  /// Sets the timers of a job whose next slot is known.
  mutating func begin(_ index: Int, next: Instant?) {
    states[index].next = next
    setSlotTimer(index)
    if let until = states[index].mark.pausedUntil, until < .distantFuture {
      timers.insert(PlannerTimer(at: until, index: index, purpose: .resume))
    }
  }

  /// The first slot of a job that is above its mark, and not from before the job began. A beginning
  /// in the future, which a clock set back can leave, bars nothing.
  func firstSlot(_ index: Int, now: Instant) -> Instant? {
    let state = states[index]
    let start = min(state.mark.since, now)
    let waiting = state.queue.last { $0.origin == .head }?.time
    let floor = [state.mark.slot, state.newest, waiting].compactMap { $0 }.max() ?? start
    return schedule.jobs[index].cadence?.next(after: max(floor, start))
  }

  /// A slot that was to start before its time, under a clock that was ahead, falls due once more in its
  /// time. Not every clock that is set back is told by `setBack`: where nothing could be written while it
  /// was ahead, the ledger has nothing to take back.
  mutating func fallDueInTime(_ due: DueSlot, _ index: Int) {
    guard due.origin == .head else { return }
    // Nothing is decided on it any more: whoever looks anew for the first slot must find it.
    if let newest = states[index].newest, newest >= due.time {
      states[index].newest = schedule.jobs[index].cadence?.previous(before: due.time)
    }
    states[index].next = min(states[index].next ?? due.time, due.time)
    setSlotTimer(index)
  }

  /// Sets the timer of the next slot, in place of any other.
  private mutating func setSlotTimer(_ index: Int) {
    states[index].epoch += 1
    guard let next = states[index].next else { return }
    timers.insert(
      PlannerTimer(
        at: next + schedule.jobs[index].offset, index: index,
        purpose: .slot(epoch: states[index].epoch)))
  }

  /// Does what a timer was set for, unless that has passed.
  mutating func expire(_ timer: PlannerTimer, _ now: Instant, _ actions: inout [PlannerAction]) {
    switch timer.purpose {
    case .slot(let epoch):
      if states[timer.index].epoch == epoch {
        fallDue(timer.index, through: now - schedule.jobs[timer.index].offset, now, &actions)
      }
    case .deadline(let slot): endIfTooLate(timer.index, slot, now, &actions)
    case .retry:
      if states[timer.index].place == .parked { place(timer.index) }
    case .group(let name):
      if let until = groups[name]?.blockedUntil, until <= now {
        groups[name]?.blockedUntil = nil
        offer(group: name)
      }
    case .resume:
      if let until = states[timer.index].mark.pausedUntil, until <= now {
        endPause(timer.index, at: until, now, &actions)
      }
    }
  }

  /// Lets the slots of a head fall due up to and with `horizon`, and sets the timer of the next one.
  mutating func fallDue(
    _ index: Int, through horizon: Instant, _ now: Instant, _ actions: inout [PlannerAction]
  ) {
    guard let first = states[index].next, first <= horizon,
      let cadence = schedule.jobs[index].cadence
    else { return }
    var slots = [first]
    var next = cadence.next(after: first)
    while let slot = next, slot <= horizon, slots.count < Self.maximumRecordedSlots {
      slots.append(slot)
      next = cadence.next(after: slot)
    }
    if let slot = next, slot <= horizon {
      slots = newestSlots(of: cadence, through: horizon)
      next = cadence.next(after: horizon)
    }
    states[index].next = next
    setSlotTimer(index)
    let earlier = slots[0] > first ? first : nil
    decide(slots, standingFor: earlier, of: index, now, &actions)
  }

  /// The newest slots of a gap that has more of them than are recorded, oldest first.
  private func newestSlots(of cadence: Cadence, through horizon: Instant) -> [Instant] {
    var slots: [Instant] = []
    var before = horizon + .milliseconds(1)
    while slots.count < Self.maximumRecordedSlots, let slot = cadence.previous(before: before) {
      slots.append(slot)
      before = slot
    }
    return slots.reversed()
  }

  /// Decides on slots that fell due together, oldest first: at most one state for each.
  ///
  /// Of a job all states are recorded in slot order, what still waits before what is new: the mark
  /// must never pass a slot without a row.
  private mutating func decide(
    _ slots: [Instant], standingFor earlier: Instant?, of index: Int, _ now: Instant,
    _ actions: inout [PlannerAction]
  ) {
    let job = schedule.jobs[index]
    var note =
      earlier.map { "; stands also for the slots from \($0) on, too many to record one by one" }
      ?? ""
    var rest = slots[...]
    /// Takes the first slot that is left and records its state.
    func end(_ state: RunState, _ reason: RunReason, _ actions: inout [PlannerAction]) {
      let slot = rest.removeFirst()
      let trigger: Trigger = isLate(slot, of: job, now) ? .catchup : .cron
      actions.append(
        .record(
          Slot(job: job.name, time: slot), trigger, state,
          reason: RunReason(reason.cause, reason.words + note)))
      note = ""
      advance(index, to: slot)
    }

    if let pause = pauseReason(index, slot: slots[0]) {
      endWaitingSlots(of: index, .skipped, pause, &actions)
    }
    while let slot = rest.first, let pause = pauseReason(index, slot: slot) {
      end(.skipped, pause, &actions)
    }
    guard let newest = rest.last else { return }
    if job.catchup != .all {
      let isLost = job.catchup == .none && isLate(newest, of: job, now)
      endWaitingSlot(of: index, before: rest[rest.startIndex], newest, isLost: isLost, &actions)
      while job.catchup == .none, let slot = rest.first, isLate(slot, of: job, now) {
        end(.missed, Self.notCaughtUp, &actions)
      }
      while rest.count > 1 { end(.coalesced, Self.covered(by: newest), &actions) }
    }
    for slot in rest {
      let late = isLate(slot, of: job, now)
      enqueue(
        DueSlot(
          time: slot, trigger: late ? .catchup : .cron,
          latestStart: schedule.latestStart(of: job.name, slot: slot), origin: .head,
          isBehind: late), index, &actions)
    }
  }

  /// Ends the slot that waits when newer ones fall due.
  private mutating func endWaitingSlot(
    of index: Int, before slot: Instant, _ newest: Instant, isLost: Bool,
    _ actions: inout [PlannerAction]
  ) {
    guard let waiting = states[index].queue.last(where: { $0.origin == .head }) else { return }
    if let latest = waiting.latestStart, latest < slot {
      let reason = tooLateReason(waiting, waitedFor: waitingReason(index))
      endWaitingSlots(of: index, .missed, reason, &actions)
    } else if isLost {
      endWaitingSlots(
        of: index, .missed,
        RunReason(.late, "too late: it waited until the slot of \(newest)"), &actions)
    } else {
      endWaitingSlots(of: index, .coalesced, Self.covered(by: newest), &actions)
    }
  }

  /// Ends the slots of a job's own cadence that wait.
  mutating func endWaitingSlots(
    of index: Int, through last: Instant = .distantFuture, _ state: RunState, _ reason: RunReason,
    _ actions: inout [PlannerAction]
  ) {
    while let position = states[index].queue.firstIndex(where: {
      $0.origin == .head && $0.time <= last
    }) {
      end(at: position, of: index, state, reason, &actions)
    }
  }

  static let tooManyWait = RunReason(
    .superseded, "more than \(maximumCatchupRuns) slots wait (catchup: all)")

  static let notCaughtUp = RunReason(.late, "fell due while nothing was running (catchup: none)")

  static func covered(by slot: Instant) -> RunReason {
    RunReason(.superseded, "covered by the slot of \(slot)")
  }

  /// Whether a slot fell due while nothing was running.
  private func isLate(_ slot: Instant, of job: ScheduledJob, _ now: Instant) -> Bool {
    slot + job.offset < born || now - (slot + job.offset) > Self.punctuality
  }

  /// Why a slot is not run, if its job is paused at it.
  func pauseReason(_ index: Int, slot: Instant) -> RunReason? {
    if schedule.jobs[index].paused { return RunReason(.paused, "paused in the schedules file") }
    guard let until = states[index].mark.pausedUntil, slot <= until else { return nil }
    return RunReason(.paused, until == .distantFuture ? "paused" : "paused until \(until)")
  }

  /// Notes that a slot was decided on, so that neither it nor one before it falls due anew.
  /// One that has not come, a debt of a clock that was ahead, decides nothing of those before it.
  mutating func advance(_ index: Int, to slot: Instant) {
    guard !slot.isFromTheFuture(at: lastNow) else { return }
    states[index].newest = max(states[index].newest ?? slot, slot)
  }
}
