public import Domain

// A wall clock that was set back.
extension Planner {
  /// Plans anew after the wall clock was set back, and the ledger has taken back what it held from the
  /// future.
  ///
  /// What bars a slot is its row in the ledger; the marks only save looking. So with marks that were
  /// set back, slots that have a row may fall due once more, and the ledger answers `settled`. What
  /// waits here for a time that has not come has no row any more, within the margin of clocks too, and
  /// falls due in its time: kept as a debt, it would be passed by the next mark. Debts that the ledger
  /// still has go on waiting, and so does what a person asked for just now.
  ///
  /// - Parameters:
  ///   - marks: The ledger's marks.
  ///   - debts: The ledger's debts.
  public mutating func setBack(
    marks: [JobMark], debts: [Debt], now: Instant
  ) -> [PlannerAction] {
    var actions = takeBacklog()
    lastNow = now
    guard !isDraining else { return actions }
    let known = Dictionary(marks.map { ($0.job, $0) }, uniquingKeysWith: { first, _ in first })
    let owed = Set(debts.map(\.slot))
    born = min(born, now)
    for index in states.indices {
      let job = schedule.jobs[index]
      forget(&states[index], known[job.name], now)
      states[index].queue.removeAll { due in
        (due.trigger == .manual ? due.time.isFromTheFuture(at: now) : due.time > now)
          && !owed.contains(Slot(job: job.name, time: due.time))
      }
    }
    for name in gone.keys {
      guard var state = gone[name] else { continue }
      forget(&state, known[name].map { Self.left($0) }, now)
      gone[name] = state
    }
    clearQueues()
    for index in states.indices { begin(index, next: firstSlot(index, now: now)) }
    for index in states.indices { place(index) }
    dispatch(now, &actions)
    return actions
  }

  /// Takes a mark of the ledger for what this planner knew.
  private func forget(_ state: inout JobState, _ mark: JobMark?, _ now: Instant) {
    state.newest = nil
    if let mark {
      state.mark = mark
    } else {
      state.mark.since = min(state.mark.since, now)
    }
  }

  /// The mark of a job that has left the schedule: whenever it returns, it begins then.
  private static func left(_ mark: JobMark) -> JobMark {
    var mark = mark
    mark.timing = ""
    return mark
  }

  /// After the clock was set back by whatever little, what waits for a pause of a second would wait
  /// for as long, and what began in the future has begun.
  mutating func replanAfterStepBack(_ now: Instant) {
    born = min(born, now)
    saturatedUntil = nil
    for index in states.indices {
      if states[index].place == .parked { place(index) }
      if states[index].mark.since > now, states[index].next != nil {
        begin(index, next: firstSlot(index, now: now))
      }
    }
    for name in groups.keys.sorted() where groups[name]?.blockedUntil != nil {
      groups[name]?.blockedUntil = nil
      offer(group: name)
    }
  }

  /// Lets what waited for the clock to be trusted have its turn.
  mutating func releaseHeld() {
    for index in held.sorted() { place(index) }
  }
}
