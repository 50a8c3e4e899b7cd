import CLinux
import Calendars
import Domain
import Glibc
import Scheduler
import Settings
import Store
import Synchronization

/// Gathers what `/metrics` tells from the database, in one read transaction. It blocks.
final class MetricsReading: Sendable {
  private let version: String
  private let mode: String
  /// How many candles were missing, by series, as of a watermark: counted anew only when it moves.
  private let gaps = Mutex<[Int64: (watermark: Instant, missing: Int, price: Double?)]>([:])
  /// What was traded, decided and halted, counted on at each look.
  private let totals = Mutex(TradingTotals())
  private let settings: Settings?
  private var accounts: [String: AccountSettings] { settings?.accounts ?? [:] }

  /// Gaps are counted among so many of the newest candles of a series.
  static let gapWindowCandles: Int64 = 1000
  /// So many series are told of at most, so that a page stays small.
  static let maximumSeries = 1000

  /// So many scores of a job are told of at most.
  static let maximumScores = 1000

  /// A reading under settings; without any no limit of risk is known, and no market closes.
  init(version: String, mode: String, settings: Settings?) {
    (self.version, self.mode, self.settings) = (version, mode, settings)
  }

  /// The facts that are in the database, seen at `now`.
  func look(_ store: Store, survey: HealthSurvey, vitals: Vitals, now: Instant) throws
    -> MetricsFacts
  {
    let health = survey.look(store, now: now)
    if let fault = health.databaseFault { throw fault }
    var facts = MetricsFacts(version: version, mode: mode)
    (facts.disk, facts.isHalted) = (health.disk, health.halt != nil)
    facts.shipping = health.shipping
    facts.isDrillGood =
      health.drillFailed != nil ? false : health.drilled == nil ? nil : true
    (facts.lastTurn, facts.started) = (vitals.turned, vitals.started)
    facts.databaseBytes = Self.size(store.path) + Self.size(store.path + "-wal")
    facts.process = ProcessFigures.read()
    facts.alerts = Dictionary(grouping: health.alerts, by: \.alert.severity).mapValues(\.count)
    try store.read { transaction in
      facts.channels = try transaction.deliveries.figures()
      facts.jobs = try jobs(health, vitals, transaction)
      facts.series = try series(transaction, now: health.now)
      let totals = try totals.withLock { totals in
        try totals.count(transaction)
        return totals
      }
      (facts.halts, facts.deployments) = (totals.halts, totals.deployments)
      facts.accounts = try AccountFiguresReading(
        transaction: transaction, accounts: accounts, totals: totals,
        mismatched: Set(
          health.alerts.filter { $0.alert.kind == .reconcile }.compactMap(\.alert.subject)),
        now: health.now
      ).all()
      facts.snapshot = try transaction.snapshots.latest(limit: 1).first.map {
        ($0.taken, $0.verified, $0.size)
      }
      facts.remote = (
        try transaction.service.fact(.snapshotPushed)?.since,
        try transaction.service.fact(.snapshotDrilled)?.since
      )
      let file = try transaction.service.fact(.schedulesFile)?.text
      facts.reload = try file.map {
        ($0, health.reloadError == nil, try transaction.service.fact(.schedule)?.since)
      }
    }
    return facts
  }

  private func jobs(
    _ health: HealthFacts, _ vitals: Vitals, _ transaction: ReadTransaction
  ) throws -> [MetricsFacts.JobFigures] {
    guard let schedule = health.schedule else { return [] }
    let running = Set(health.running.map(\.slot.job))
    let totals = Dictionary(grouping: try transaction.runs.totals(), by: \.job)
    let all = JobHealth.all(
      of: schedule, marks: health.marks, running: running, now: health.now)
    return try all.map { job in
      var figures = MetricsFacts.JobFigures(name: job.job.text)
      figures.totals = (totals[job.job] ?? []).map { ($0.state, $0.trigger, $0.runs) }
      figures.lastSuccess = job.lastSuccess
      figures.lastStart = try transaction.runs.history(job: job.job, limit: 10)
        .compactMap(\.started).max()
      figures.isPaused = job.state == .paused
      let after = max(health.now, job.pausedUntil ?? health.now)
      if !figures.isPaused || job.pausedUntil != nil {
        figures.next = schedule.cadence(of: job.job)?.next(after: after)
      }
      figures.staleAfter = job.staleAfter
      figures.isRunning = running.contains(job.job)
      figures.consecutiveFailures = try transaction.runs.consecutiveFailures(job.job)
      figures.runs = vitals.figures(job.job)
      try score(&figures, job.job, transaction)
      return figures
    }
  }

  private func series(_ transaction: ReadTransaction, now: Instant) throws
    -> [MetricsFacts.SeriesFigures]
  {
    try transaction.series.all().prefix(Self.maximumSeries).map { record in
      var figures = MetricsFacts.SeriesFigures(series: record.series)
      if let watermark = record.watermark {
        let clock = CandleClock(
          record.series.timeframe, calendar: settings?.calendar(ofVenue: record.series.venue))
        figures.lastClose = clock.close(of: watermark)
        figures.age =
          Double(clock.age(ofCandle: watermark, at: now).milliseconds)
          / Double(record.series.timeframe.span.milliseconds)
        (figures.missing, figures.price) = try newest(record, watermark, transaction)
      }
      return figures
    }
  }

  /// The model and the scores of a job that gives some.
  private func score(
    _ figures: inout MetricsFacts.JobFigures, _ job: JobName, _ transaction: ReadTransaction
  ) throws {
    guard let sha256 = try transaction.predictions.latestModel(job) else { return }
    let model = try transaction.models.model(sha256: sha256)
    figures.model = (model?.kind ?? "", model?.name ?? "", sha256)
    let newest = try transaction.predictions.latest(job, atOrBefore: .latest)
    figures.scores = (newest?.predictions ?? []).prefix(Self.maximumScores).compactMap {
      prediction in prediction.score.map { (prediction.series.symbol, $0) }
    }
  }

  /// How many candles are missing among the newest, and what the newest closed at.
  private func newest(
    _ record: SeriesRecord, _ watermark: Instant, _ transaction: ReadTransaction
  ) throws -> (missing: Int, price: Double?) {
    if let known = gaps.withLock({ $0[record.id] }), known.watermark == watermark {
      return (known.missing, known.price)
    }
    let price = try transaction.candles.last(
      record, closedBy: watermark + record.series.timeframe.span)?.close
    let missing = try transaction.candles.gaps(
      record, after: watermark - record.series.timeframe.span * Self.gapWindowCandles,
      limit: Int(Self.gapWindowCandles)
    ).map(\.missing).reduce(0, +)
    gaps.withLock { $0[record.id] = (watermark, missing, price) }
    return (missing, price)
  }

  private static func size(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }
}
