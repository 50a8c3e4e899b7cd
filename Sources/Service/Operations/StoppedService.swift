public import Domain
public import Scheduler
public import Store

/// Carries out what people ask while no service runs on the database: under the service's own lock,
/// so that none can start in between, and in one transaction.
public enum StoppedService {
  /// Carries out a request.
  ///
  /// - Parameters:
  ///   - request: What is asked.
  ///   - store: The database, open for writing.
  ///   - schedule: What the schedules file says.
  /// - Returns: The answer; nil when somebody else must give it: a service that runs after all, or
  ///   the process of a run by hand.
  /// - Throws: a `Fault` of the database or of the lock.
  public static func carryOut(
    _ request: OperatorRequest, _ store: Store, _ schedule: Schedule, now: Instant
  ) throws -> OperatorAnswer? {
    if case .reload = request {
      throw Fault(
        "reload", "the schedule", cause: "no carillon runs on this database",
        remedy: "carillon run reads the file when it starts", exit: .unavailable)
    }
    switch request {
    case .run(let job, _):
      throw Fault(
        "run", "\(job)", cause: "no carillon runs on this database",
        remedy: "carillon job run \(job)", exit: .unavailable)
    case .retry(let slot, _):
      throw Fault(
        "run", "\(slot)", cause: "no carillon runs on this database",
        remedy: "carillon job run \(slot.job) --at \(slot.time) --force", exit: .unavailable)
    case .pause, .resume, .cancel, .trustClock, .reload: break
    }
    guard
      let lock = try DaemonLock.acquire(
        ifFree: store.path, purpose: "carillon job \(request.verb)", now: now)
    else { return nil }
    defer { withExtendedLifetime(lock) {} }
    var latest: Instant?
    if case .trustClock = request { latest = try store.setBack(at: now).latest }
    return try store.write(at: now) { transaction in
      let answer: OperatorAnswer?
      switch request {
      case .pause(let job, let until, _):
        answer = try pause(job, until: until, schedule, transaction)
      case .resume(let job): answer = try resume(job, schedule, transaction)
      case .cancel(let slot, let why):
        // No service does it now.
        if try transaction.runs.run(slot)?.state == .running { try transaction.runs.reap() }
        answer = try cancel(slot, .cancelled(why), schedule, transaction)
      case .reload, .run, .retry: answer = nil
      case .trustClock(let reason):
        if let latest {
          try transaction.service.tell(
            .clockTrusted, ClockTrust(overruled: latest, reason: reason).text)
        }
        // What the last service said of it holds until somebody knows better.
        let suspicion = try transaction.service.fact(.clockSuspicion)?.text
        try transaction.service.tell(.clockSuspicion, nil)
        answer =
          latest == nil && suspicion == nil
          ? .clockIsRight : .clockTrusted(now, latest: latest, suspicion)
      }
      if let answer {
        try transaction.audit.append(
          request.verb, OperatorRequest.audit(request.subject, request.reason, answer),
          of: request.subject)
      }
      return answer
    }
  }

  private static func pause(
    _ job: JobName, until: Instant?, _ schedule: Schedule, _ transaction: WriteTransaction
  ) throws -> OperatorAnswer {
    guard schedule[job] != nil else { return .unknown(job) }
    let now = transaction.now
    if let until, until <= now {
      return OperatorAnswer(.refused, "\(until) is past: \(job) goes on")
    }
    let until = until ?? .distantFuture
    // A job that no service has seen yet has no timing: the first to see it gives it one.
    var mark =
      try transaction.marks.mark(of: job) ?? JobMark(job: job, since: now, timing: "")
    if mark.pausedUntil == until { return .paused(job, until, in: schedule, already: true) }
    mark.pausedUntil = until
    try transaction.marks.save(mark)
    return .paused(job, until, in: schedule)
  }

  /// The pause ends now, and not as if it had never been: the next start ends the slots up to now
  /// `skipped`, as a service that runs does at once.
  private static func resume(
    _ job: JobName, _ schedule: Schedule, _ transaction: WriteTransaction
  ) throws -> OperatorAnswer {
    guard schedule[job] != nil else { return .unknown(job) }
    guard var mark = try transaction.marks.mark(of: job), mark.isPaused(at: transaction.now) else {
      return .notPaused(job, in: schedule)
    }
    mark.pausedUntil = transaction.now
    try transaction.marks.save(mark)
    return .resumed(job, in: schedule)
  }

  /// Ends a debt of the ledger. Nil where another process runs the slot, or died and was not noticed
  /// yet.
  static func cancel(
    _ slot: Slot, _ reason: RunReason, _ schedule: Schedule, _ transaction: WriteTransaction
  ) throws -> OperatorAnswer? {
    guard let run = try transaction.runs.run(slot) else {
      guard schedule[slot.job] != nil else { return .unknown(slot.job) }
      return OperatorAnswer(
        .refused, "\(slot) has not fallen due, so there is nothing to cancel")
    }
    if run.state == .running { return nil }
    guard run.state.isDebt else { return .ended(run) }
    try transaction.runs.record(
      slot, trigger: run.trigger, state: .skipped, reason: reason.words, cause: reason.cause)
    return .cancelled(slot)
  }
}

// The answers that several give.
extension OperatorAnswer {
  static func unknown(_ job: JobName) -> OperatorAnswer {
    OperatorAnswer(.refused, "no job named \(job) is in the schedule")
  }

  static func paused(
    _ job: JobName, _ until: Instant, in schedule: Schedule, already: Bool = false
  ) -> OperatorAnswer {
    let names = schedule.descendants(of: job).map(\.text)
    let end = until == .distantFuture ? "until it is resumed" : "until \(until)"
    return OperatorAnswer(
      already ? .nothingToDo : .done,
      "\(job) is \(already ? "already " : "")paused \(end)"
        + (names.isEmpty ? "" : "; what follows it rests too: \(names.joined(separator: ", "))"))
  }

  static func resumed(_ job: JobName, in schedule: Schedule) -> OperatorAnswer {
    let isPausedInFile = schedule[job]?.paused == true
    return OperatorAnswer(
      .done,
      "\(job) is resumed; what fell due in the pause stays skipped"
        + (isPausedInFile ? "; the schedules file pauses it still" : ""))
  }

  static func notPaused(_ job: JobName, in schedule: Schedule) -> OperatorAnswer {
    guard schedule[job]?.paused == true else {
      return OperatorAnswer(.nothingToDo, "\(job) is not paused")
    }
    return OperatorAnswer(
      .refused, "\(job) is paused in the schedules file: remove `paused: true` there")
  }

  static let clockIsRight = OperatorAnswer(
    .nothingToDo, "the clock is not under suspicion, and nothing on record is from the future")

  static func clockTrusted(_ now: Instant, latest: Instant?, _ suspicion: String?) -> OperatorAnswer
  {
    let words = suspicion ?? latest.map { "times up to \($0) were on record" } ?? ""
    return OperatorAnswer(.done, "\(now) is taken for the truth, though \(words)")
  }

  static func cancelled(_ slot: Slot) -> OperatorAnswer {
    OperatorAnswer(
      .done, "\(slot) does not run: it ends skipped, and so does what was owed after it")
  }

  static func ended(_ run: RunRecord) -> OperatorAnswer {
    OperatorAnswer(.nothingToDo, "\(run.slot) has ended \(run.state) (run \(run.id))")
  }
}
