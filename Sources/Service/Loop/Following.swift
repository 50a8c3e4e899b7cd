import Domain
import Jobs
import Logging
import Scheduler
import Store
import StrictYAML

// What is followed.
extension ServiceLoop {
  /// Looks around, and follows what was edited.
  mutating func follow(
    _ wake: Wake, _ look: Look, now: Instant, uptime: TimeSpan, _ effects: inout [Effect]
  ) throws {
    let isForced = wake.signals.contains { if case .reload = $0 { true } else { false } }
    let seen = look(isForced, calendars)
    if let fault = seen.databaseFault {
      if conditions.storageFailed(fault, uptime: uptime) { log.critical("\(fault)") }
    } else {
      conditions.storageIsBack()
    }
    if let sight = seen.schedule { _ = try see(sight, isForced, look, now: now, &effects) }
    if let sight = seen.settings, let answer = settings?.see(sight) {
      try tell(answer, now: now, &effects)
    }
  }

  /// A sight of the schedule. Returns what came of it, in lines; nil when nothing did.
  private mutating func see(
    _ sight: ScheduleFollower.Sight, _ isForced: Bool, _ look: Look, now: Instant,
    _ effects: inout [Effect]
  ) throws -> Result<[String], ReloadRefusal>? {
    switch schedules.see(sight, isForced: isForced) {
    case nil: return nil
    case .refuse(let reason):
      try refuse(reason, now: now, &effects)
      return .failure(ReloadRefusal(reason: reason))
    case .mended:
      log.notice("the schedules file is again as it was read")
      try start(daemon.note([.fact(.reloadError, nil)], now: now), &effects)
      return .success([])
    case .follow(let contents):
      return try reload(contents, look, now: now, &effects)
    }
  }

  private struct ReloadRefusal: Error { var reason: String }

  private mutating func reload(
    _ contents: ScheduleFollower.Contents, _ look: Look, now: Instant, _ effects: inout [Effect]
  ) throws -> Result<[String], ReloadRefusal> {
    var named: Set<String> = []
    do {
      let schedule = try Schedule.parse(contents.text, at: schedulesPath, calendars: &named)
      let difference = ScheduleDifference(from: daemon.schedule, to: schedule, now: now)
      try start(daemon.reload(schedule, now: now), &effects)
      calendars = named
      schedules.followed(full(contents, look))
      let notes: [LedgerOutbox.Entry] = [
        .fact(.schedule, contents.text), .fact(.reloadError, nil),
        .fact(.scheduleDifference, difference.lines.joined(separator: "\n")),
        .audit("reload", schedulesPath),
        .audit("schedule", StartFacts.words(schedulesPath, contents.text)),
      ]
      try start(daemon.note(notes, now: now), &effects)
      log.notice("schedule reloaded", metadata: ["file": "\(schedulesPath)"])
      for line in difference.lines { log.notice("\(line)") }
      try withStorage { try $0.warn(of: schedule, now: now) }
      return .success(difference.lines)
    } catch let diagnostics as Diagnostics {
      // A mistake in a calendar is mended there, so those that the refused text names count too.
      calendars.formUnion(named)
      schedules.refused(full(contents, look), because: diagnostics.description)
      try refuse(diagnostics.description, now: now, &effects)
      return .failure(ReloadRefusal(reason: diagnostics.description))
    }
  }

  /// The contents, with what the calendars say that were named just now.
  private func full(
    _ contents: ScheduleFollower.Contents, _ look: Look
  ) -> ScheduleFollower.Contents {
    guard Set(contents.calendars.keys) != calendars,
      case .contents(let seen)? = look(true, calendars).schedule, seen.text == contents.text
    else { return contents }
    return seen
  }

  private mutating func refuse(
    _ reason: String, now: Instant, _ effects: inout [Effect]
  ) throws {
    log.error(
      "the schedules file cannot be followed, the previous schedule stays active: \(reason)")
    try start(
      daemon.note([.fact(.reloadError, reason), .audit("reload_failed", reason)], now: now),
      &effects)
  }

  private mutating func tell(
    _ answer: SettingsFollower.Answer, now: Instant, _ effects: inout [Effect]
  ) throws {
    var facts: (changed: String?, broken: String?)
    switch answer {
    case .asRead: log.notice("the settings file is again as it was read")
    case .changed:
      log.warning("the settings file has changed: restart needed")
      facts.changed = settings?.path
      try start(
        daemon.note([.audit("settings_edited", settings?.path ?? "")], now: now), &effects)
    case .broken(let reason):
      log.error("the settings file is broken, what was read of it stays in force: \(reason)")
      facts.broken = reason
    }
    try start(
      daemon.note(
        [.fact(.settingsChanged, facts.changed), .fact(.settingsBroken, facts.broken)], now: now),
      &effects)
  }

  /// Answers those who asked for the schedules file to be read now, with what that changed.
  mutating func answerReloads(
    _ open: [RequestRecord], _ look: Look, now: Instant, _ effects: inout [Effect]
  ) throws {
    guard !open.isEmpty else { return }
    let answer: OperatorAnswer
    if shutdown.isDraining {
      answer = OperatorAnswer(.refused, "the service is stopping")
    } else if let sight = look(true, calendars).schedule,
      let outcome = try see(sight, true, look, now: now, &effects)
    {
      switch outcome {
      case .success([]): answer = OperatorAnswer(.done, "\(schedulesPath) is followed: no change")
      case .success(let lines):
        answer = OperatorAnswer(
          .done, (["\(schedulesPath) is followed now:"] + lines).joined(separator: "\n"))
      case .failure(let refusal): answer = OperatorAnswer(.refused, refusal.reason)
      }
    } else {
      answer = OperatorAnswer(.refused, "\(schedulesPath) cannot be read")
    }
    for record in open {
      try store.write(at: now) {
        _ = try $0.requests.answer(record.id, answer.outcome, answer.words)
      }
    }
  }

  /// Warns of what a schedule says that will not go well.
  func warn(of schedule: Schedule, now: Instant) throws {
    let durations = try store.read { try LearnedDurations(of: schedule, in: $0) }
    let warnings =
      schedule.warnings + schedule.warnings(now: now)
      + durations.warnings(of: schedule, now: now, stopGrace: stopGrace)
    for warning in warnings { log.warning("\(warning)") }
  }
}
