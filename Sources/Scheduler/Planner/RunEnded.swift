import Domain
import HeapModule

// What follows the end of a run, in its job, its group and its chain; and a start that was refused.
extension Planner {
  mutating func finish(
    _ slot: Slot, _ state: RunState, due: [Slot], _ now: Instant, _ actions: inout [PlannerAction]
  ) {
    let running = release(slot)
    saturatedUntil = nil
    if let index = schedule.index(of: slot.job), states[index].place == .parked { place(index) }
    if let group = schedule[slot.job]?.policy.group, groups[group]?.blockedUntil != nil {
      groups[group]?.blockedUntil = nil
      offer(group: group)
    }
    if state.isDebt {
      oweAgain(slot, running, now)
    } else if state == .succeeded {
      let trigger: Trigger = running?.due.trigger == .manual ? .manual : .after
      for follower in due { fallDue(follower, trigger, now, &actions) }
      placeWaitingFollowers(of: slot)
    } else {
      skipDescendants(of: slot, after: state, &actions)
    }
  }

  /// Takes a slot out of flight and lets the next of its job and of its group have their turn.
  ///
  /// - Returns: What was in flight; nil for a run that this planner did not start.
  @discardableResult
  private mutating func release(_ slot: Slot) -> RunningSlot? {
    if let group = departed.removeValue(forKey: slot) {
      inFlightCount -= 1
      if let group { free(group, from: slot) }
      return nil
    }
    guard let index = schedule.index(of: slot.job), let running = states[index].running,
      running.time == slot.time
    else { return nil }
    states[index].running = nil
    inFlightCount -= 1
    place(index)
    if let group = running.group { free(group, from: slot) }
    return running
  }

  private mutating func free(_ group: String, from slot: Slot) {
    guard groups[group]?.holder == slot else { return }
    groups[group]?.holder = nil
    offer(group: group)
  }

  /// A follower that fell due: its row is in the ledger.
  private mutating func fallDue(
    _ slot: Slot, _ trigger: Trigger, _ now: Instant, _ actions: inout [PlannerAction]
  ) {
    guard let index = schedule.index(of: slot.job) else {
      actions.append(.record(slot, trigger, .skipped, reason: Self.gone))
      return
    }
    guard !isDraining else { return }  // a debt of the next start
    enqueue(
      DueSlot(
        time: slot.time, trigger: trigger,
        latestStart: schedule.latestStart(of: slot.job, slot: slot.time), origin: .follower,
        isBehind: now - slot.time > Self.punctuality), index, &actions)
  }

  /// Debts of followers that waited for a slot may now have all their parents.
  private mutating func placeWaitingFollowers(of slot: Slot) {
    for follower in schedule.followers(of: slot.job) {
      guard let index = schedule.index(of: follower.job), states[index].place == .parents,
        states[index].queue.first?.time == slot.time
      else { continue }
      place(index)
    }
  }

  /// Whether a parent of a job still runs or waits at a slot.
  func hasOpenParent(_ index: Int, at time: Instant) -> Bool {
    schedule.jobs[index].parents.contains { parent in
      guard let index = schedule.index(of: parent) else { return false }
      return states[index].running?.time == time
        || states[index].queue.contains { $0.time == time }
    }
  }

  /// Ends what was owed after a slot that did not succeed.
  mutating func skipDescendants(
    of slot: Slot, after state: RunState, _ actions: inout [PlannerAction]
  ) {
    for name in schedule.descendants(of: slot.job) {
      guard let index = schedule.index(of: name),
        let position = states[index].queue.firstIndex(where: { $0.time == slot.time })
      else { continue }
      let due = states[index].queue.remove(at: position)
      actions.append(
        .record(
          Slot(job: name, time: slot.time), due.trigger, .skipped,
          reason: Self.parentReason(slot.job, state)))
      if due.trigger != .manual { advance(index, to: due.time) }
      if position == 0 { place(index) }
    }
  }

  static func parentReason(_ parent: JobName, _ state: RunState) -> RunReason {
    RunReason(.parent, "\(parent) ended \(state) at this slot")
  }

  /// A slot that was started but not claimed waits again.
  mutating func putBack(
    _ slot: Slot, _ obstacle: StartObstacle, _ now: Instant, _ actions: inout [PlannerAction]
  ) {
    guard let running = release(slot), let index = schedule.index(of: slot.job) else { return }
    if case .early = obstacle { return fallDueInTime(running.due, index) }
    if case .settled(let state) = obstacle {
      if state == .succeeded {
        placeWaitingFollowers(of: slot)
      } else if state.isFinal {
        skipDescendants(of: slot, after: state, &actions)
      }
      return
    }
    insert(running.due, index)
    if isDraining {
      deferWaitingSlots(of: index, Self.stopping, &actions)
      return
    }
    switch obstacle {
    case .otherRun: park(index, now)
    case .noWorker: saturatedUntil = now + Self.retryPause
    case .groupBusy:
      guard let group = running.group else {
        park(index, now)
        return
      }
      let retry = now + Self.retryPause
      groups[group, default: GroupState()].blockedUntil = retry
      timers.insert(PlannerTimer(at: retry, index: index, purpose: .group(group)))
    case .settled, .early: break
    }
  }
}
