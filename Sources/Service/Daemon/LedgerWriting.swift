import Domain
import Jobs
import Logging
import Scheduler
import Store

// How the daemon tells the ledger what waits in its outbox.
extension Daemon {
  /// Performs actions in their order, behind all that waits.
  mutating func perform(_ actions: [PlannerAction], now: Instant) throws -> [ClaimedRun] {
    outbox.add(actions)
    return try flush(now: now)
  }

  /// Tells the ledger something, behind all that waits.
  mutating func note(_ entries: [LedgerOutbox.Entry], now: Instant) throws -> [ClaimedRun] {
    for entry in entries { outbox.add(entry) }
    return try flush(now: now)
  }

  /// Writes what waits, until all is written or the storage refuses; that is tried again in a later
  /// turn. What could not be claimed is told to the planner, whose answer comes after.
  ///
  /// - Throws: a `Fault` that no waiting mends.
  mutating func flush(now: Instant) throws -> [ClaimedRun] {
    var claimed: [ClaimedRun] = []
    guard mayAsk else { return claimed }
    // Nothing is written into a file that is no longer the database.
    if conditions.storage?.trouble == .gone { return claimed }
    while let batch = outbox.next {
      let events: [PlannerEvent]
      do {
        events = try write(batch, now: now, &claimed)
      } catch let fault as Fault where fault.storage != nil {
        refused(fault)
        return claimed
      }
      worked()
      outbox.removeFirst(batch.count)
      for event in events { outbox.add(planner.handle(event, now: now)) }
    }
    return claimed
  }

  /// The storage refused something that the loop asked of it.
  mutating func refused(_ fault: Fault) {
    if conditions.storageFailed(fault, uptime: uptime) {
      log.error("the database refuses, it is tried again: \(fault)")
    }
    retry.refused(at: uptime)
  }

  mutating func worked() {
    retry.worked()
    if let before = conditions.storageWorks() {
      log.notice("the database takes writes again, after \((uptime - before.since).rounded)")
    }
  }

  /// Writes one batch. Returns what the planner must be told.
  private mutating func write(
    _ batch: LedgerOutbox.Batch, now: Instant, _ claimed: inout [ClaimedRun]
  ) throws -> [PlannerEvent] {
    switch batch {
    case .starts(let firings):
      return try start(firings, &claimed)
    case .records(let records):
      // A slot that the ledger has already, or owes already, is no news.
      let news = try store.write(at: now) { transaction in
        let news = try records.filter {
          try transaction.runs.record(
            $0.slot, trigger: $0.trigger, state: $0.state, reason: $0.reason.words,
            cause: $0.reason.cause)
        }
        for alert in RecordedSlots.alerts(of: news) { try transaction.alerts.raise(alert) }
        return news
      }
      for line in RecordedSlots.lines(of: news) {
        log.log(
          level: line.state == .missed ? .warning : .info, "\(line.text)", metadata: line.metadata)
      }
    case .marks(let marks):
      try store.write(at: now) { transaction in
        for mark in marks { try transaction.marks.save(mark) }
      }
    case .note(.audit(let kind, let text)):
      try store.write(at: now) { try $0.audit.append(kind, text) }
    case .note(.fact(let fact, let text)):
      try store.write(at: now) { try $0.service.tell(fact, text) }
    case .note(.alert(let alert)):
      try store.write(at: now) { _ = try $0.alerts.raise(alert) }
    case .note(.action): preconditionFailure("actions have batches of their own")
    }
    return []
  }

  /// Claims slots, in their order. Returns what the planner must be told of those that were not to be
  /// had.
  private mutating func start(
    _ firings: [Firing], _ claimed: inout [ClaimedRun]
  ) throws -> [PlannerEvent] {
    var refused: [PlannerEvent] = []
    for (firing, claim) in zip(firings, try runner.claim(firings, again: retried, through: store)) {
      retried.remove(firing.slot)
      if let event = note(claim, of: firing, &claimed) { refused.append(event) }
    }
    return refused
  }

  private func note(
    _ claim: Claim, of firing: Firing, _ claimed: inout [ClaimedRun]
  ) -> PlannerEvent? {
    let slot = firing.slot
    switch claim {
    case .claimed(let run, let attempt):
      claimed.append(ClaimedRun(firing: firing, run: run, attempt: attempt))
      return nil
    case .already(let record):
      if record.ahead != nil {
        log.warning(
          "passed: already run under a clock that was ahead",
          metadata: ["job": "\(slot.job)", "slot": "\(slot.time)", "run": "\(record.id)"])
      }
      return .couldNotStart(slot, because: .settled(record.state))
    case .busy:
      return .couldNotStart(slot, because: .otherRun)
    case .groupBusy:
      return .couldNotStart(slot, because: .groupBusy)
    case .early:
      return .couldNotStart(slot, because: .early)
    case .pruned, .tooLate:
      return .couldNotStart(slot, because: .settled(.missed))
    case .crashedTooOften:
      return .couldNotStart(slot, because: .settled(.failed))
    }
  }
}
