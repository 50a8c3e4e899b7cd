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
    states[index].epoch += 1
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

  private mutating func setSlotTimer(_ index: Int) {
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
      if states[timer.index].epoch == epoch { fallDue(timer.index, now, &actions) }
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
        endPause(timer.index, at: until, &actions)
      }
    }
  }

  /// Lets the slots of a head fall due up to now, and sets the timer of the next one.
  private mutating func fallDue(_ index: Int, _ now: Instant, _ actions: inout [PlannerAction]) {
    let job = schedule.jobs[index]
    guard let first = states[index].next, let cadence = job.cadence else { return }
    let horizon = now - job.offset
    guard first <= horizon else {
      setSlotTimer(index)
      return
    }
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
  private mutating func decide(
    _ slots: [Instant], standingFor earlier: Instant?, of index: Int, _ now: Instant,
    _ actions: inout [PlannerAction]
  ) {
    let job = schedule.jobs[index]
    var note = earlier.map {
      "; stands also for the slots from \($0) on, too many to record one by one"
    }
    func record(
      _ slot: Instant, _ state: RunState, _ reason: String, _ actions: inout [PlannerAction]
    ) {
      let slot = Slot(job: job.name, time: slot)
      let trigger: Trigger = isLate(slot.time, of: job, now) ? .catchup : .cron
      actions.append(.record(slot, trigger, state, reason: reason + (note ?? "")))
      note = nil
    }
    func end(_ slot: Instant, _ state: RunState, _ reason: String) -> Void {
      record(slot, state, reason, &actions)
      advance(index, to: slot)
    }

    var rest = slots[...]
    while let slot = rest.first, let pause = pauseReason(index, slot: slot) {
      end(slot, .skipped, pause)
      rest.removeFirst()
    }
    guard let newest = rest.last else { return }
    switch job.catchup {
    case .latest:
      for slot in rest.dropLast() { end(slot, .coalesced, Self.covered(by: newest)) }
      rest = [newest]
    case .none:
      while let slot = rest.first, isLate(slot, of: job, now) {
        end(slot, .missed, "fell due while nothing was running (catchup: none)")
        rest.removeFirst()
      }
      for slot in rest.dropLast() { end(slot, .coalesced, Self.covered(by: newest)) }
      rest = rest.suffix(1)
    case .all:
      for slot in rest.dropLast(Self.maximumCatchupRuns) {
        end(slot, .coalesced, Self.tooManyWait)
      }
      rest = rest.suffix(Self.maximumCatchupRuns)
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

  static let tooManyWait = "more than \(maximumCatchupRuns) slots wait (catchup: all)"

  static func covered(by slot: Instant) -> String { "covered by the slot of \(slot)" }

  /// Whether a slot fell due while nothing was running.
  private func isLate(_ slot: Instant, of job: ScheduledJob, _ now: Instant) -> Bool {
    slot + job.offset < born || now - (slot + job.offset) > Self.punctuality
  }

  /// Why a slot is not run, if its job is paused at it.
  func pauseReason(_ index: Int, slot: Instant) -> String? {
    if schedule.jobs[index].paused { return "paused in the schedules file" }
    guard let until = states[index].mark.pausedUntil, slot < until else { return nil }
    return until == .distantFuture ? "paused" : "paused until \(until)"
  }

  /// Notes that a slot was decided on, so that neither it nor one before it falls due anew.
  mutating func advance(_ index: Int, to slot: Instant) {
    states[index].newest = max(states[index].newest ?? slot, slot)
  }
}
