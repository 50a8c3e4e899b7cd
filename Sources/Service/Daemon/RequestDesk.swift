public import Domain
public import Jobs
import Logging
import Scheduler
import Store

// What people ask of the running service, and what it answers.
extension Daemon {
  /// A request about the clock that was made longer ago than this, by that very clock, is of no use.
  private static let longestClockRequestAge = TimeSpan.minutes(5)

  /// Answers the requests that wait, each in a transaction with its row in the audit. To carry one out
  /// twice does what once does, so a crash before the answer costs nothing. Requests about runs of
  /// other processes are left to those.
  ///
  /// - Returns: the runs that were claimed: start each.
  public mutating func answerRequests(now: Instant) throws -> [ClaimedRun] {
    var claimed = try endCancelledDebts(now: now)
    for record in try store.read({ try $0.requests.open() }) {
      do {
        try answer(record, now: now, &claimed)
      } catch let fault as Fault where fault.storage != nil {
        // The rest is answered later; what was claimed by now is claimed.
        refused(fault)
        return claimed
      }
    }
    return claimed
  }

  private mutating func answer(
    _ record: RequestRecord, now: Instant, _ claimed: inout [ClaimedRun]
  ) throws {
    let answer: OperatorAnswer?
    let request = OperatorRequest(record)
    if let request {
      answer = try carryOut(request, asked: record.created, now: now, &claimed)
    } else {
      answer = OperatorAnswer(.refused, "this version does not understand `\(record.verb)`")
    }
    guard let answer else { return }
    try store.write(at: now) { transaction in
      guard try transaction.requests.answer(record.id, answer.outcome, answer.words) else { return }
      try transaction.audit.append(
        record.verb, OperatorRequest.audit(record.subject, request?.reason, answer),
        of: record.subject)
    }
    log.notice("\(answer.text)", metadata: ["request": "\(record.verb) \(record.subject)"])
  }

  /// The debts that a person cancelled while the process that then died still ran them.
  static func cancelled(_ debts: [Debt], _ store: Store) throws -> [Slot: RunReason] {
    try store.read { transaction in
      var cancelled: [Slot: RunReason] = [:]
      for debt in debts where debt.state == .interrupted {
        guard let run = try transaction.runs.run(debt.slot), let started = run.started,
          let record = try transaction.requests.latest(
            verb: OperatorRequest.cancel(debt.slot, reason: nil).verb,
            subject: debt.slot.description, limit: 1
          ).first, record.created >= started,
          record.outcome == .done,
          case .cancel(_, let reason)? = OperatorRequest(record)
        else { continue }
        cancelled[debt.slot] = .cancelled(reason)
      }
      return cancelled
    }
  }

  private mutating func endCancelledDebts(now: Instant) throws -> [ClaimedRun] {
    guard !cancelledDebts.isEmpty else { return [] }
    let debts = cancelledDebts.sorted { $0.key < $1.key }
    cancelledDebts = [:]
    // All of them before any action is performed: none may start meanwhile.
    return try perform(
      planner.cancel(debts.map { (slot: $0.key, reason: $0.value) }, now: now), now: now)
  }

  /// Does what was asked. Nil when it is another process's to answer.
  private mutating func carryOut(
    _ request: OperatorRequest, asked: Instant, now: Instant, _ claimed: inout [ClaimedRun]
  ) throws -> OperatorAnswer? {
    switch request {
    case .pause(let job, let until, _):
      guard schedule[job] != nil else { return .unknown(job) }
      if let until, until <= now {
        return OperatorAnswer(.refused, "\(until) is past: \(job) goes on")
      }
      let until = until ?? .distantFuture
      if planner.pausedUntil(job) == until {
        return .paused(job, until, in: schedule, already: true)
      }
      claimed += try perform(planner.pause(job, until: until, now: now), now: now)
      return .paused(job, until, in: schedule)
    case .resume(let job):
      guard schedule[job] != nil else { return .unknown(job) }
      guard planner.pausedUntil(job) != nil else { return .notPaused(job, in: schedule) }
      claimed += try perform(planner.resume(job, now: now), now: now)
      return .resumed(job, in: schedule)
    case .cancel(let slot, let why):
      return try cancel(slot, .cancelled(why), now: now, &claimed)
    case .trustClock(let reason):
      return try trustClock(reason, asked: asked, now: now, &claimed)
    case .run(let job, _):
      return try run(Slot(job: job, time: asked), again: false, asked: asked, now: now, &claimed)
    case .retry(let slot, _):
      return try run(slot, again: true, asked: asked, now: now, &claimed)
    case .reload:
      return nil  // the loop reads the file
    }
  }

  /// A run that was asked for longer ago than this is not wanted any more.
  private static let longestRunRequestAge = TimeSpan.minutes(5)

  /// Runs a slot that a person asks for, as `carillon job run` does: by the same rules, beside the
  /// schedule, which it does not move.
  private mutating func run(
    _ slot: Slot, again: Bool, asked: Instant, now: Instant, _ claimed: inout [ClaimedRun]
  ) throws -> OperatorAnswer {
    let name = slot.job
    func refused(_ words: String) -> OperatorAnswer { OperatorAnswer(.refused, words) }
    guard let job = job(name), schedule[name] != nil else { return .unknown(name) }
    guard max(asked - now, now - asked) <= Self.longestRunRequestAge else {
      return refused("it was asked at \(asked), and it is \(now): ask again")
    }
    // The answer of an earlier turn did not reach the ledger.
    if planner.inFlight.contains(slot) { return OperatorAnswer(.done, "\(slot) has started") }
    guard !planner.isDraining else { return refused("the service is stopping") }
    if let until = planner.pausedUntil(name) {
      let end = until == .distantFuture ? "until it is resumed" : "until \(until)"
      return refused("\(name) is paused \(end): resume it first")
    }
    if planner.inFlight.contains(where: { $0.job == name }) {
      return refused("\(name) is already running")
    }
    if again {
      guard let run = try store.read({ try $0.runs.run(slot) }) else {
        return refused("there is no run of \(slot) to be tried again")
      }
      guard run.state.isFinal else { return refused("run \(run.id) of \(slot) is \(run.state)") }
    }
    do {
      try HandRun.check(
        [name], at: slot.time, in: schedule, [name: job], store, force: false, now: now)
    } catch let fault as Fault where fault.exit == .refused || fault.exit == .usage {
      return refused("\(fault)")
    }
    if again { retried.insert(slot) }
    let latest = job.account == nil ? nil : schedule.latestStart(of: name, slot: slot.time)
    claimed += try perform(planner.handle(.asked(slot, latestStart: latest), now: now), now: now)
    if let run = claimed.first(where: { $0.firing.slot == slot }) {
      return OperatorAnswer(.done, "\(slot) has started: run \(run.run)")
    }
    guard planner.waiting.contains(where: { $0.slot == slot }) else {
      retried.remove(slot)
      return refused("\(slot) could not start: see what became of it, carillon why \(slot)")
    }
    return OperatorAnswer(.done, "\(slot) starts as soon as what it waits for lets it")
  }

  private mutating func cancel(
    _ slot: Slot, _ reason: RunReason, now: Instant, _ claimed: inout [ClaimedRun]
  ) throws -> OperatorAnswer? {
    if planner.inFlight.contains(slot) {
      runner.cancel(slot, because: reason)
      return OperatorAnswer(.done, "\(slot) was asked to stop; it does at its next safe point")
    }
    if planner.waiting.contains(where: { $0.slot == slot }) {
      claimed += try perform(planner.cancel([(slot: slot, reason: reason)], now: now), now: now)
      return .cancelled(slot)
    }
    return try store.write(at: now) { try StoppedService.cancel(slot, reason, schedule, $0) }
  }

  private mutating func trustClock(
    _ reason: String, asked: Instant, now: Instant, _ claimed: inout [ClaimedRun]
  ) throws -> OperatorAnswer {
    let suspicion = doubt.suspicion(now: now, leap: clock.leap)
    let latest = try store.latestFromTheFuture(at: now)
    guard suspicion != nil || latest != nil else { return .clockIsRight }
    let age = max(asked - now, now - asked)
    guard age <= Self.longestClockRequestAge else {
      return OperatorAnswer(
        .refused, "it was asked at \(asked), and the clock shows \(now): ask again")
    }
    claimed += try trust(now: now)
    let trust = ClockTrust(overruled: latest ?? now, reason: reason)
    try store.write(at: now) { try $0.service.tell(.clockTrusted, trust.text) }
    return .clockTrusted(now, latest: latest, suspicion)
  }
}
