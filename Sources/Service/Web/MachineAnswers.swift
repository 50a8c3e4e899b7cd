import Domain
import Scheduler
import Settings
import Store

/// The read models for machines, under `/api/v1`: what the commands print with `--json`.
enum MachineAnswers {
  typealias Make = @Sendable (PageSource, PageQuery) throws -> JSONValue?

  /// By path. Each is described in `OpenAPI`.
  static let routes: [(path: String, make: Make)] = [
    ("/api/v1/status", status), ("/api/v1/health", health), ("/api/v1/runs", runs),
    ("/api/v1/runs/:subject", run), ("/api/v1/schedule", schedule),
    ("/api/v1/portfolio", portfolio), ("/api/v1/performance", performance),
    ("/api/v1/risk", risk), ("/api/v1/why/:subject", why),
    ("/api/v1/alerts", alerts),
    ("/api/v1/health/status", HealthAnswers.status),
    ("/api/v1/health/safety", HealthAnswers.safety),
  ]

  static let notFound = JSONValue.object([
    .init("schema", .string("carillon.error/1")), .init("cause", .string("there is no such thing")),
  ])

  /// Runs that are told of at most.
  private static let maximumRuns = 500

  private static func status(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    try ServiceOverview(source.store, survey: source.survey, now: source.now)
      .json(mode: source.mode, version: source.version)
  }

  private static func health(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    source.health.json(version: source.version)
  }

  private static func runs(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    var job: JobName?
    if let text = query.values["job"] {
      guard let name = JobName(text) else { return nil }
      job = name
    }
    let limit = query.number("limit", in: 1...maximumRuns, standard: 50)
    return try source.store.read {
      try HistoryAnswer(
        $0, job: job, limit: limit, failedOnly: query.values["failed"] == "true"
      ).json
    }
  }

  private static func run(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    guard let id = Int64(query.subject) else { return nil }
    let schedule = try source.schedule()
    return try source.store.read { transaction in
      try transaction.runs.run(id).map { try RunDetail($0, schedule, transaction).json }
    }
  }

  private static func schedule(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    let count = query.number("n", in: 1...500, standard: 20)
    return try source.schedule().upcoming(from: source.now, count: count).json
  }

  private static func portfolio(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    try source.store.read { transaction in
      try transaction.accounts.all()
        .compactMap { try PortfolioAnswer(transaction, account: $0.name) }.json
    }
  }

  private static func performance(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    let range = query.range(standard: .month)
    return try source.store.read { transaction -> JSONValue? in
      guard let account = try source.account(query, transaction),
        let latest = try transaction.equity.latest(account.name)
      else { return nil }
      return try PortfolioHistory(
        transaction, account: account.name, from: range.begin(before: latest.time),
        through: latest.time, mostPoints: PageRange.mostPoints
      )?.json
    }
  }

  private static func risk(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    let accounts = source.settings?.accounts.sorted { $0.key < $1.key } ?? []
    return try source.store.read { transaction in
      try accounts.compactMap { name, settings in
        try RiskAnswer(transaction, account: name, settings, now: source.now)
      }.json
    }
  }

  private static func alerts(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    let ended = query.number("ended", in: 0...500, standard: 50)
    return try source.store.read { try AlertAnswer($0, ended: ended, now: source.now) }.json
  }

  private static func why(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    let subject = query.subject
    if let slot = Slot(subject) {
      let schedule = try source.schedule()
      return try source.store.read { transaction in
        SlotExplanation(
          of: try SlotFacts(
            slot, schedule: schedule, isServed: true, transaction, now: source.now)
        ).json
      }
    }
    guard let subject = TradeExplanation.Subject(subject) else { return nil }
    return try source.store.read { transaction in
      try TradeExplanation(
        of: subject, account: query.values["account"], by: query.time ?? source.now, transaction)?
        .json
    }
  }
}
