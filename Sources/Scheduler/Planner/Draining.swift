public import Domain

// What a stop leaves to the next start.
extension Planner {
  /// Stops starting anything. Slots that wait and have no row yet are recorded `deferred`, and so is
  /// what follows the runs in flight; the next start pays them. Events of the runs in flight are
  /// still to be handled: where one fails, what was deferred after it ends `skipped`.
  public mutating func drain(now: Instant) -> [PlannerAction] {
    var actions = takeBacklog()
    guard !isDraining else { return actions }
    lastNow = now
    isDraining = true
    for index in states.indices { deferWaitingSlots(of: index, Self.stopping, &actions) }
    let running = states.indices.compactMap { index in
      states[index].running.map { Slot(job: schedule.jobs[index].name, time: $0.time) }
    }
    for slot in running.sorted() { deferDescendants(of: slot, &actions) }
    return actions
  }

  /// Records the slots of a job's own cadence that wait `deferred`: from now on they are debts.
  mutating func deferWaitingSlots(
    of index: Int, before end: Instant? = nil, _ reason: RunReason,
    _ actions: inout [PlannerAction]
  ) {
    for position in states[index].queue.indices {
      let due = states[index].queue[position]
      guard due.origin == .head, end.map({ due.time < $0 }) ?? true else { continue }
      states[index].queue[position].origin = .debt
      actions.append(
        .record(
          Slot(job: schedule.jobs[index].name, time: due.time), due.trigger, .deferred,
          reason: reason))
      advance(index, to: due.time)
    }
  }

  /// Records what follows a slot in flight `deferred`.
  mutating func deferDescendants(of slot: Slot, _ actions: inout [PlannerAction]) {
    guard let running = schedule.index(of: slot.job).flatMap({ states[$0].running }),
      running.due.trigger != .manual
    else { return }
    for name in schedule.descendants(of: slot.job) {
      guard let index = schedule.index(of: name), states[index].running?.time != slot.time,
        !states[index].queue.contains(where: { $0.time == slot.time })
      else { continue }
      actions.append(
        .record(Slot(job: name, time: slot.time), .after, .deferred, reason: Self.stopping))
      insert(
        DueSlot(
          time: slot.time, trigger: .after,
          latestStart: schedule.latestStart(of: name, slot: slot.time), origin: .debt,
          isBehind: true), index)
      advance(index, to: slot.time)
    }
  }

  static let stopping = RunReason(.stopping, "the process was told to stop")
}
