public import Domain
import Scheduler
import Store

/// Whether work is being done: one check for each job, and for what all jobs need.
///
/// A pure value: `carillon health`, `/health` and the image's HEALTHCHECK decide by this code alone.
/// Health derives from each job's last success and its own schedule, never from "the process
/// answers".
public struct HealthReport: Sendable {
  /// When it was looked.
  public let time: Instant
  /// The checks: of what all jobs need, then of the jobs in the order of the file.
  public let checks: [HealthCheck]

  /// The worst of all checks.
  public var status: HealthCheck.Status { checks.map(\.status).max() ?? .pass }

  /// The loop sleeps 30 s at most; three times that without a turn, and it is stuck or gone.
  public static let heartbeatLimit = TimeSpan.seconds(90)
  /// A run that was told to stop at its time-out has so long before it counts as stuck. The watchdog
  /// ends the process at about the same time.
  public static let timeoutGrace = TimeSpan.seconds(30)

  /// So long a clock that is not trusted, while orders wait, is only warned of.
  public static let clockGrace = TimeSpan.minutes(5)

  /// Decides.
  public init(of facts: HealthFacts) {
    time = facts.now
    var checks = [Self.database(facts), Self.scheduler(facts)]
    if let disk = facts.disk { checks.append(Self.disk(disk, spool: facts.shipping?.spoolBytes)) }
    if let storage = facts.storage { checks.append(Self.storage(storage)) }
    checks += [Self.schedule(facts)] + Self.remarks(facts)
    checks += BackupHealth.checks(facts)
    if let alerts = Self.alerts(facts) { checks.append(alerts) }
    if let data = facts.data { checks.append(Self.data(data, now: facts.now)) }
    if !facts.bans.isEmpty { checks.append(Self.bans(facts.bans)) }
    if facts.databaseFault == nil { checks += Self.jobs(facts) }
    self.checks = checks
  }

  init(time: Instant, checks: [HealthCheck]) {
    (self.time, self.checks) = (time, checks)
  }

  /// The report on one job: its own check, and the database's, without which nothing is known.
  /// Nil when there is no such job.
  public func only(_ job: JobName) -> HealthReport? {
    let own = checks.filter { $0.job?.job == job }
    let needed = checks.filter { $0.name == "database" && $0.status == .fail }
    guard !own.isEmpty || !needed.isEmpty else { return nil }
    return HealthReport(time: time, checks: needed + own)
  }

  private static func database(_ facts: HealthFacts) -> HealthCheck {
    guard let fault = facts.databaseFault else {
      return HealthCheck("database", .datastore, .pass, "it opens, with this version's schema")
    }
    return HealthCheck("database", .datastore, .fail, "\(fault)", next: fault.remedy)
  }

  private static func scheduler(_ facts: HealthFacts) -> HealthCheck {
    let (scheduler, now) = (facts.scheduler, facts.now)
    guard scheduler.isHeld else {
      let seen = scheduler.lastTurn.map { ", last seen \($0) (\((now - $0).rounded) ago)" } ?? ""
      return HealthCheck(
        "scheduler", .component, .fail, "nothing runs\(seen)", since: scheduler.lastTurn,
        next: "start it: carillon run")
    }
    // A process that has just started may still be opening its database.
    guard let turned = [scheduler.lastTurn, scheduler.heldSince].compactMap(\.self).max() else {
      return HealthCheck(
        "scheduler", .component, .fail, "the loop has not turned yet",
        next: "look at its log: docker compose logs, or where `carillon run` was started")
    }
    let age = now - turned
    guard age <= heartbeatLimit else {
      return HealthCheck(
        "scheduler", .component, .fail,
        "the loop has not turned since \(turned) (\(age.rounded) ago)", since: turned,
        next: "restart it; its log tells what it waits for")
    }
    let words = age > .zero ? "\(age.rounded) ago" : "just now"
    return HealthCheck("scheduler", .component, .pass, "the loop turned \(words)", since: turned)
  }

  private static func disk(_ disk: DiskSpace, spool: Int64?) -> HealthCheck {
    let status: HealthCheck.Status =
      disk.freeBytes < DiskSpace.failureBytes
      ? .fail : disk.freeBytes < DiskSpace.warningBytes ? .warn : .pass
    return HealthCheck(
      "disk", .system, status,
      "\(disk.description) free on the database's disk"
        + (spool.map { "; the shipped log takes \(DiskSpace.text(UInt64(max(0, $0))))" } ?? ""),
      next: status == .pass ? nil : "free space there: carillon snapshot list")
  }

  /// What the service cannot write waits in its memory, and no order is sent, but for a mere lock.
  private static func storage(_ note: StorageNote) -> HealthCheck {
    let text =
      note.trouble.haltsTrading
      ? "refused since \(note.since), no order is sent and nothing is recorded: \(note.words)"
      : "busy since \(note.since), what happens is recorded later: \(note.words)"
    return HealthCheck(
      "storage", .datastore, note.trouble.haltsTrading ? .fail : .warn, text, since: note.since,
      next: note.remedy)
  }

  private static func data(_ data: DataAge, now: Instant) -> HealthCheck {
    let isStale = data.isStale(at: now)
    return HealthCheck(
      "data", .component, isStale ? .fail : .pass, data.explanation(now: now),
      since: isStale ? data.newestClose + data.allowed : nil,
      next: isStale ? "see what the source has: carillon job run fetch" : nil)
  }

  /// Nothing is asked of a venue that refuses; orders wait too.
  private static func bans(_ bans: [HealthFacts.Ban]) -> HealthCheck {
    let words = bans.map { "\($0.venue) until \($0.until): \(Alert.line($0.reason))" }
    return HealthCheck(
      "ban", .component, .warn, "nothing is asked of \(words.joined(separator: "; "))",
      next: "wait; ask for fewer symbols or less often, and see who else asks from this address")
  }

  private static func schedule(_ facts: HealthFacts) -> HealthCheck {
    guard let schedule = facts.schedule else {
      return HealthCheck(
        "schedule", .component, .fail, facts.scheduleTrouble ?? "there is no schedule",
        next: "carillon schedule check")
    }
    guard let error = facts.reloadError else {
      return HealthCheck("schedule", .component, .pass, "\(schedule.jobs.count) jobs")
    }
    return HealthCheck(
      "schedule", .component, .warn,
      "the file cannot be followed since \(error.since), the previous schedule stays active: "
        + firstLine(error.text),
      since: error.since, next: "carillon schedule check")
  }

  private static func remarks(_ facts: HealthFacts) -> [HealthCheck] {
    var checks: [HealthCheck] = []
    if let halt = facts.halt {
      checks.append(
        HealthCheck(
          "halt", .component, facts.whenHalted, "on since \(halt.since): \(halt.text)",
          since: halt.since,
          next: "carillon resume --reason TEXT"))
    }
    if let broken = facts.settingsBroken {
      checks.append(
        HealthCheck(
          "settings", .component, .warn,
          "the file is broken, a restart would fail: \(firstLine(broken.text))",
          since: broken.since, next: "mend it: carillon schedule check reads it too"))
    } else if let changed = facts.settingsChanged {
      checks.append(
        HealthCheck(
          "settings", .component, .warn,
          "\(changed.text) has changed since it was read: restart needed", since: changed.since,
          next: "restart carillon run"))
    }
    if let suspicion = facts.clockSuspicion {
      checks.append(
        HealthCheck(
          "clock", .system, facts.now - suspicion.since > clockGrace ? .fail : .warn,
          "not to be trusted, orders wait: \(suspicion.text)",
          since: suspicion.since,
          next: "set the clock of this machine (timedatectl); if it is right: "
            + "carillon schedule trust-clock --reason TEXT"))
    } else if let trust = facts.clockTrust {
      checks.append(
        HealthCheck(
          "clock", .system, .warn, "trusted by hand since \(trust.since): \(trust.text)",
          since: trust.since))
    }
    return checks
  }

  /// Alerts that nobody has taken note of, and that no other check tells.
  private static func alerts(_ facts: HealthFacts) -> HealthCheck? {
    let open = facts.alerts.filter { $0.state == .open && !$0.alert.kind.isObserved }
    guard let first = open.first else { return nil }
    let keys = open.prefix(shownAlerts).map(\.key).joined(separator: ", ")
    let more = open.count > shownAlerts ? " and \(open.count - shownAlerts) more" : ""
    return HealthCheck(
      "alerts", .component, .warn, "\(open.count) open: \(keys)\(more)",
      since: open.map(\.since).min(), next: "carillon alerts; carillon alerts ack \(first.key)")
  }

  /// Alerts that are named in a check.
  private static let shownAlerts = 5

  private static func firstLine(_ text: String) -> String {
    String(text.prefix { $0 != "\n" })
  }
}

// The jobs.
extension HealthReport {
  private static func jobs(_ facts: HealthFacts) -> [HealthCheck] {
    guard let schedule = facts.schedule else { return [] }
    let all = JobHealth.all(
      of: schedule, marks: facts.marks, running: Set(facts.running.map(\.slot.job)),
      now: facts.now)
    let down = Set(all.filter { $0.state == .down }.map(\.job))
    return all.map { health in
      // Of a chain that stands still, the first job is the one to look at.
      let first = schedule.ancestors(of: health.job).last { down.contains($0.name) }?.name
      return check(health, facts, schedule, cause: first)
    }
  }

  private static func check(
    _ health: JobHealth, _ facts: HealthFacts, _ schedule: Schedule, cause: JobName?
  ) -> HealthCheck {
    let now = facts.now
    let name = health.job
    var check = HealthCheck(name.text, .component, .pass, health.explanation(now: now))
    check.job = health
    switch health.state {
    case .new, .up, .running, .paused: break
    case .late: check.status = .warn
    case .down:
      check.status = .fail
      check.since = health.staleAfter
      if let cause {
        check.cause = cause
        check.text += "; it follows \(cause), which is stale too"
      } else {
        check.next = "carillon job history \(name)"
      }
    }
    if let newest = facts.newest[name] { add(newest, to: &check) }
    let policy = schedule[name]?.policy
    if let run = facts.running.first(where: { $0.slot.job == name }), let policy {
      let allowed = policy.retry.longestTotal(timeout: policy.timeout)
      if now - run.started > allowed + timeoutGrace {
        check.status = .fail
        check.text =
          "runs since \(run.started) (\((now - run.started).rounded)), past its time-out "
          + "(\(allowed) with all attempts); \(check.text)"
        check.since = run.started
        check.next = "carillon job history \(name)"
      }
    }
    return check
  }

  /// What the newest run adds to a check: that it failed, or did less than it could.
  private static func add(_ newest: HealthFacts.EndedRun, to check: inout HealthCheck) {
    switch newest.state {
    case .failed, .timedOut:
      check.status = max(check.status, .warn)
      let reason = newest.reason.map { ": \(firstLine($0))" } ?? ""
      check.text += "; the newest run \(newest.state) at \(newest.ended)\(reason)"
      if check.next != nil || check.status == .warn {
        check.next = "carillon job history \(check.name) --failed"
      }
    case .succeeded:
      guard let caveat = newest.reason else { return }
      check.status = max(check.status, .warn)
      check.text = "\(firstLine(caveat)); \(check.text)"
    case .running, .deferred, .interrupted, .skipped, .coalesced, .missed: return
    }
  }
}
