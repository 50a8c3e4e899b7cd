import Domain
import HeapModule

// Slots that are owed another attempt.
extension Planner {
  /// A run that ended as a debt, outside of a drain, is offered again after a pause.
  mutating func oweAgain(_ slot: Slot, _ running: RunningSlot?, _ now: Instant) {
    guard !isDraining, var due = running?.due, let index = schedule.index(of: slot.job) else {
      return
    }
    due.origin = .debt
    insert(due, index)
    park(index, now)
  }

  mutating func park(_ index: Int, _ now: Instant) {
    states[index].place = .parked
    timers.insert(PlannerTimer(at: now + Self.retryPause, index: index, purpose: .retry))
  }

  /// Takes up a debt, or ends it where its job is gone.
  mutating func add(_ debt: Debt, _ actions: inout [PlannerAction]) {
    guard let index = schedule.index(of: debt.slot.job) else {
      actions.append(.record(debt.slot, debt.trigger, .skipped, reason: Self.gone))
      return
    }
    insert(
      DueSlot(
        time: debt.slot.time, trigger: debt.trigger,
        latestStart: schedule.latestStart(of: debt.slot.job, slot: debt.slot.time), origin: .debt,
        isBehind: true), index)
  }

  /// Takes up a slot that a person asks for: it starts as soon as it can, moves no mark, and nothing
  /// follows it.
  mutating func ask(_ slot: Slot, latestStart: Instant?) {
    guard let index = schedule.index(of: slot.job) else { return }
    insert(
      DueSlot(
        time: slot.time, trigger: .manual, latestStart: latestStart, origin: .debt, isBehind: true),
      index)
    place(index)
  }

  /// Ends a debt one of whose parents is known not to have succeeded.
  mutating func skipAfterFailedParent(
    _ slot: Slot, ended: [Slot: RunState], _ actions: inout [PlannerAction]
  ) {
    guard let index = schedule.index(of: slot.job),
      let position = states[index].queue.firstIndex(where: { $0.time == slot.time })
    else { return }
    for parent in schedule.jobs[index].parents {
      guard let state = ended[Slot(job: parent, time: slot.time)], state.isFinal,
        state != .succeeded
      else { continue }
      end(at: position, of: index, .skipped, Self.parentReason(parent, state), &actions)
      return
    }
  }

  static let gone = RunReason(.removed, "no longer in the schedules file")
}
