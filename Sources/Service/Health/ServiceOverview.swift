public import Domain
public import Scheduler
public import Store

/// What `carillon status` shows: who runs, what it is worth, and how each job stands.
public struct ServiceOverview: Sendable {
  /// When it was looked.
  public var time: Instant
  /// Whether a daemon runs.
  public var isRunning: Bool
  /// Since when it runs, or when it was last seen.
  public var since: Instant?
  /// The version of the daemon that runs or ran last, and when it started.
  public var started: HealthFacts.Remark?
  /// How all stands.
  public var health: HealthReport
  /// The accounts, by name.
  public var accounts: [AccountFigures]
  /// The newest snapshot.
  public var snapshot: SnapshotRecord?
  /// The newest link of the audit's chain; nil where nothing is chained yet.
  public var auditHead: String?
  /// The jobs in the order of the file.
  public var jobs: [JobOverview]

  /// Runs of a job that are shown.
  public static let shownRuns = 10

  /// What an account is worth.
  public struct AccountFigures: Sendable {
    /// The account.
    public var account: Account
    /// Its newest valuation.
    public var latest: EquityPoint?
    /// The change over the last 24 hours, as a ratio; nil when it was not valued before.
    public var dayChange: Double?
    /// How far it is below its peak, as a ratio.
    public var drawdown: Double?
    /// Orders that may still be filled.
    public var openOrders: Int
  }

  /// How a job stands.
  public struct JobOverview: Sendable {
    /// The job.
    public var job: ScheduledJob
    /// Its health.
    public var health: JobHealth
    /// The next slot of its own; nil for a job that follows others.
    public var next: Instant?
    /// Its newest runs, newest first.
    public var runs: [RunRecord]
    /// How long its newest successes took, newest first.
    public var durations: [TimeSpan]

    /// The duration that so much of the learned ones do not exceed (nearest rank); nil without any.
    ///
    /// - Parameter part: from 0 to 1.
    public func duration(within part: Double) -> TimeSpan? {
      DurationSample(durations).within(part)
    }
  }

  /// Looks through a database that is open.
  ///
  /// - Throws: a `Fault` of the database.
  public init(_ store: Store, survey: HealthSurvey, now: Instant) throws {
    let facts = survey.look(store, now: now)
    if let fault = facts.databaseFault { throw fault }
    time = now
    health = HealthReport(of: facts)
    isRunning = facts.scheduler.isHeld
    let healths = health.checks.compactMap(\.job)
    var overview = (
      started: HealthFacts.Remark?.none, snapshot: SnapshotRecord?.none, audit: String?.none
    )
    (overview, accounts, jobs) = try store.read { transaction in
      let started = try transaction.service.fact(.started).map {
        HealthFacts.Remark($0.text, since: $0.since)
      }
      let accounts = try transaction.accounts.all().map { try Self.figures($0, transaction, now) }
      let jobs = try (facts.schedule?.jobs ?? []).compactMap { job -> JobOverview? in
        guard let health = healths.first(where: { $0.job == job.name }) else { return nil }
        let isPaused = health.state == .paused && health.pausedUntil == nil
        return JobOverview(
          job: job, health: health,
          next: isPaused ? nil : job.cadence?.next(after: max(now, health.pausedUntil ?? now)),
          runs: try transaction.runs.history(job: job.name, limit: Self.shownRuns),
          durations: try transaction.runs.lastDurations(
            job.name, limit: LearnedDurations.learnedRuns))
      }
      return (
        (
          started, try transaction.snapshots.latest(limit: 1).first, try transaction.audit.head
        ), accounts, jobs
      )
    }
    (started, snapshot, auditHead) = overview
    since = isRunning ? facts.scheduler.heldSince ?? started?.since : facts.scheduler.lastTurn
  }

  private static func figures(
    _ account: Account, _ transaction: ReadTransaction, _ now: Instant
  ) throws -> AccountFigures {
    let equity = transaction.equity
    let latest = try equity.latest(account.name)
    // A valuation that is older than a day tells nothing of the day.
    let yesterday = now - .days(1)
    let isFresh = latest.map { $0.time > yesterday } ?? false
    let before = isFresh ? try equity.latest(account.name, by: yesterday) : nil
    let peak = try equity.peak(account.name)
    return AccountFigures(
      account: account, latest: latest, dayChange: ratio(latest, over: before),
      drawdown: ratio(latest, over: peak).map { 0 - $0 },
      openOrders: try transaction.orders.working(account.name).count)
  }

  private static func ratio(_ point: EquityPoint?, over base: EquityPoint?) -> Double? {
    guard let point, let base, base.equity > .zero else { return nil }
    return point.equity.double / base.equity.double - 1
  }
}
