import Disk
public import Domain
import Glibc
import Net
import Scheduler
public import Settings
public import Store
import StrictYAML
import Synchronization

/// Looks at database, locks and disk, and gathers what health is decided from: the same for
/// `carillon health` beside a daemon and for `/health` inside it.
///
/// It blocks on the database, so it is for threads that may.
public final class HealthSurvey: Sendable {
  /// The path of the database.
  public let database: String
  private let schedulesPath: String
  private let readsRecord: Bool
  private let whenHalted: HealthCheck.Status
  private let parsed = Mutex<(text: String, told: Instant?, schedule: Schedule)?>(nil)

  /// Runs of a job that are looked through for the newest that was tried.
  private static let recentRuns = 10

  /// A survey of a database whose schedule, while nothing runs, is in a file.
  ///
  /// - Parameters:
  ///   - settings: what is said of what a person may have meant.
  ///   - readsRecord: whether the schedule on record counts also while nothing runs, for who has the
  ///     database alone.
  public init(
    database: String, schedulesPath: String, settings: HealthSettings = HealthSettings(),
    readsRecord: Bool = false
  ) {
    (self.database, self.schedulesPath) = (database, schedulesPath)
    self.readsRecord = readsRecord
    whenHalted =
      switch settings.whenHalted {
      case .pass: .pass
      case .warn: .warn
      case .fail: .fail
      }
  }

  /// Looks, opening the database for it. Whatever cannot be read is a fact too.
  public func look(now: Instant) -> HealthFacts {
    do {
      let store = try Store.open(database, mode: .readOnly)
      let facts = look(store, now: now)
      try store.close()
      return facts
    } catch {
      return unreadable(error, now: now)
    }
  }

  /// Looks through a database that is open.
  public func look(_ store: Store, now: Instant) -> HealthFacts {
    do {
      var facts = outside(now: now)
      let active =
        facts.scheduler.isHeld || readsRecord
        ? try store.read { try $0.service.fact(.schedule) } : nil
      setSchedule(&facts, active: active)
      let running = try store.read { try fill(&facts, $0, now: now) }
      facts.running = running.compactMap { run in
        guard let started = run.started, isAlive(run) else { return nil }
        return HealthFacts.RunUnderWay(slot: run.slot, started: started)
      }
      return facts
    } catch let fault as Fault {
      return unreadable(fault, now: now)
    } catch {
      return unreadable(
        Fault("read the database", database, cause: "\(error)", exit: .internal), now: now)
    }
  }

  /// The schedule of a text, parsed once for as long as the text stays the same, and the service, whose
  /// calendars may be files too, has not told it anew.
  ///
  /// - Throws: the mistakes in the text.
  func schedule(_ text: String, told: Instant? = nil) throws(Diagnostics) -> Schedule {
    if let known = parsed.withLock({ $0 }), known.text == text, known.told == told {
      return known.schedule
    }
    let schedule = try Schedule.parse(text, at: schedulesPath)
    parsed.withLock { $0 = (text, told, schedule) }
    return schedule
  }

  /// What is seen without the database.
  private func outside(now: Instant) -> HealthFacts {
    var scheduler = HealthFacts.SchedulerFacts(
      isHeld: false, lastTurn: Heartbeat(database: database).last)
    do {
      if let holder = try DaemonLock.holder(of: database) {
        scheduler.isHeld = true
        scheduler.heldSince = holder.split(separator: " ").last.flatMap { Instant(rfc3339: $0) }
      }
    } catch {
      // A lock that cannot be opened is another user's: somebody has it.
      scheduler.isHeld = true
    }
    var facts = HealthFacts(now: now, scheduler: scheduler, schedule: nil)
    facts.whenHalted = whenHalted
    if scheduler.isHeld { facts.storage = Heartbeat(database: database).note }
    facts.disk = DiskSpace(holding: FilePath.folder(of: database))
    do { facts.shipping = try LogSpool(database: database).state() } catch {
      facts.shipping = ShippingState(interval: .zero)
      facts.shipping?.trouble = .init("its state cannot be read: \(error)", since: now)
    }
    return facts
  }

  private func unreadable(_ fault: Fault, now: Instant) -> HealthFacts {
    var facts = outside(now: now)
    facts.databaseFault = fault
    setSchedule(&facts, active: nil)
    return facts
  }

  /// Fills in what the database tells. Returns the runs under way: whether their processes live is
  /// seen without a transaction.
  private func fill(
    _ facts: inout HealthFacts, _ transaction: ReadTransaction, now: Instant
  ) throws -> [RunRecord] {
    let (runs, service) = (transaction.runs, transaction.service)
    func remark(_ fact: ServiceFact) throws -> HealthFacts.Remark? {
      try service.fact(fact).map { HealthFacts.Remark($0.text, since: $0.since) }
    }
    if facts.scheduler.isHeld {
      facts.reloadError = try remark(.reloadError)
      facts.settingsChanged = try remark(.settingsChanged)
      facts.settingsBroken = try remark(.settingsBroken)
      facts.clockSuspicion = try remark(.clockSuspicion)
      // Once the clock has passed what was overruled, there is nothing to tell.
      facts.clockTrust = try remark(.clockTrusted).flatMap { remark in
        guard let trust = ClockTrust(remark.text), facts.now < trust.overruled else { return nil }
        return HealthFacts.Remark(
          "\(trust.reason) (the latest time seen before was \(trust.overruled))",
          since: remark.since)
      }
    }
    if !facts.scheduler.isHeld { facts.wasStopped = try transaction.audit.wasStopped }
    facts.halt = try transaction.halts.current().map {
      HealthFacts.Remark("\($0.level.rawValue), \($0.reason) (\($0.source))", since: $0.since)
    }
    facts.alerts = try transaction.alerts.open()
    facts.drilled = try remark(.snapshotDrilled)
    facts.drillFailed = facts.alerts.first {
      $0.alert.kind == .snapshotRemote && $0.alert.subject == "drill"
    }.map { HealthFacts.Remark($0.alert.text, since: $0.since) }
    facts.bans = try transaction.rateBudgets.all().compactMap { venue, state in
      guard let budget = RateBudget(text: state), let until = budget.bannedUntil, until > now,
        until - now <= RateBudget.longestBan
      else { return nil }
      return HealthFacts.Ban(venue: venue, until: until, reason: budget.banReason)
    }
    facts.marks = try transaction.marks.all(asOf: now)
    let newest = try transaction.series.all().compactMap { record in
      record.watermark.map { (close: $0 + record.series.timeframe.span, record.series.timeframe) }
    }.max { $0.close < $1.close }
    if let newest, let schedule = facts.schedule {
      facts.data = DataAge(
        newestClose: newest.close, timeframe: newest.1.span, fetchedBy: schedule,
        marks: facts.marks, now: now)
    }
    for job in facts.schedule?.jobs ?? [] {
      facts.newest[job.name] = try runs.history(job: job.name, limit: Self.recentRuns)
        .first { [.succeeded, .failed, .timedOut].contains($0.state) }
        .map {
          HealthFacts.EndedRun(
            state: $0.state, reason: $0.reason, ended: $0.ended ?? $0.slot.time)
        }
    }
    return try runs.running()
  }

  /// Whether the process that holds a run lives. One whose lock is another user's does.
  private func isAlive(_ run: RunRecord) -> Bool {
    guard let holder = run.holder else { return false }
    do { return try ProcessLock.isAlive(holder, beside: database) } catch { return true }
  }

  /// The schedule that a daemon follows, else what the file says.
  private func setSchedule(
    _ facts: inout HealthFacts, active: (text: String, since: Instant)?
  ) {
    do {
      facts.schedule = try schedule(
        try active?.text ?? TextFile.read(schedulesPath), told: active?.since)
    } catch let fault as Fault {
      facts.scheduleTrouble = "\(fault)"
    } catch let diagnostics as Diagnostics {
      facts.scheduleTrouble =
        diagnostics.items.first.map { "\($0)" } ?? "\(schedulesPath) is invalid"
    } catch {
      preconditionFailure("reading a schedule throws nothing else: \(error)")
    }
  }
}
