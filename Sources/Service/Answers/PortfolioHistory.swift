public import Domain
public import Portfolio
public import Store

/// What an account was worth over time, what was paid in and out, and how that compares with having
/// bought the same instruments in equal parts at the start and left them alone.
public struct PortfolioHistory: Sendable {
  /// One point.
  public struct Point: Sendable {
    /// When.
    public var time: Instant
    /// The account's worth, in its quote asset.
    public var equity: Amount
    /// The cash of it.
    public var cash: Amount
    /// What one unit that was there from the start had become; flows do not count.
    public var growth: Double
    /// The same for a purchase of all instruments in equal parts at the first point; nil where a price
    /// is missing.
    public var hold: Double?
  }

  /// The account.
  public let account: Account
  /// Whether of each UTC day only the last point is among these, since there are so many.
  public let isDaily: Bool
  /// The points, in order of time.
  public let points: [Point]
  /// What came in and went out between them.
  public let flows: [(time: Instant, amount: Amount)]
  /// The figures of returns by day (the last point of each UTC day, 365 days a year); nil for fewer
  /// than three days.
  public let figures: PerformanceFigures?
  /// The rolling figures of the same returns, each at the last point of its day.
  public let rolling: (window: Int, points: [(time: Instant, figures: RollingFigures.Point)])
  /// The money-weighted return, a year; nil where it has none.
  public let moneyWeightedReturn: Double?
  /// The drawdowns of the growth, deepest first.
  public let drawdowns: [Drawdown]
  /// Profit of what was closed, in the quote asset, by instrument; fees in that asset included.
  public let realised: [Symbol: Amount]
  /// Fees by asset.
  public let fees: [String: Amount]
  /// The value of all trades over the mean equity.
  public let turnover: Double?
  /// The mean part of the equity that was not cash.
  public let exposure: Double?

  /// The history of an account within a span; nil when there is no such account. Without `from`, what has more than
  /// `mostPoints` is told by the last of each day.
  public init?(
    _ transaction: ReadTransaction, account name: String, from: Instant? = nil,
    through: Instant? = nil, mostPoints: Int = .max
  ) throws {
    guard let account = try transaction.accounts.account(name) else { return nil }
    self.account = account
    let stored: [EquityPoint]
    if let from {
      (stored, isDaily) = (
        try transaction.equity.range(name, from: from, through: through), false
      )
    } else {
      let (points, isDaily) = try transaction.equity.whole(name, most: mostPoints)
      stored = points.filter { $0.time <= (through ?? $0.time) }
      self.isDaily = isDaily
    }
    let allFlows = try transaction.entries.flows(name)
    flows = allFlows.filter { flow in
      flow.time > (stored.first?.time ?? .epoch) && flow.time <= (stored.last?.time ?? .epoch)
    }
    let curve = EquityCurve(
      points: stored.map { .init(time: $0.time, equity: $0.equity.double) },
      flows: flows.map { .init(time: $0.time, amount: $0.amount.double) })
    let growth = curve.growth
    let hold = try Self.hold(transaction, account: name, times: stored.map(\.time))
    points = zip(stored, zip(growth, hold)).map { point, values in
      Point(
        time: point.time, equity: point.equity, cash: point.cash, growth: values.0, hold: values.1)
    }
    let daily = curve.daily { Int($0.seconds.flooringQuotient(86_400)) }
    let returns = daily.returns.map { $0.isNaN ? 0 : $0 }
    figures = PerformanceFigures(returns: returns, periodsPerYear: 365)
    let window = RollingFigures.window(for: returns.count)
    let windows = RollingFigures(returns: returns, window: window, periodsPerYear: 365)
    // A return ends at the point after it.
    rolling = (window, windows.points.map { (daily.points[$0.index + 1].time, $0) })
    moneyWeightedReturn = curve.moneyWeightedReturn
    drawdowns = Drawdown.all(times: curve.points.map(\.time), growth: growth)
      .sorted { $0.depth > $1.depth }
    var realised: [Symbol: Amount] = [:]
    var fees: [String: Amount] = [:]
    var traded = Amount.zero
    for record in try transaction.fills.all(name)
    where record.fill.time >= (from ?? record.fill.time)
      && record.fill.time <= (through ?? record.fill.time)
    {
      realised[record.symbol] = try (realised[record.symbol] ?? .zero).adding(record.realised)
      if let fee = record.fill.fee {
        fees[fee.asset] = try (fees[fee.asset] ?? .zero).adding(fee.amount)
      }
      traded = try traded.adding(record.value)
    }
    (self.realised, self.fees) = (realised, fees)
    let equities = stored.map(\.equity.double)
    let mean = equities.isEmpty ? 0 : equities.reduce(0, +) / Double(equities.count)
    turnover = mean > 0 ? traded.double / mean : nil
    let invested = stored.compactMap { point -> Double? in
      point.equity > .zero ? 1 - point.cash.double / point.equity.double : nil
    }
    exposure = invested.isEmpty ? nil : invested.reduce(0, +) / Double(invested.count)
  }

  /// What a purchase in equal parts at the first time had become at each: of the instruments of the
  /// account's first plan, at the last closes by then.
  private static func hold(
    _ transaction: ReadTransaction, account: String, times: [Instant]
  ) throws -> [Double?] {
    let nothing = [Double?](repeating: nil, count: times.count)
    guard let start = times.first, let end = times.last,
      let plan = try transaction.plans.first(account: account),
      let scores = try JSONValue.parse(Array(plan.detail.utf8))["scores"]?.string,
      let slot = Slot(scores)
    else { return nothing }
    var sums = [Double](repeating: 0, count: times.count)
    var count = 0
    for prediction in try transaction.predictions.read(slot) {
      guard let series = try transaction.series.find(prediction.series) else { continue }
      let span = prediction.series.timeframe.span
      let first = try transaction.candles.last(series, closedBy: start)
      guard let first else { continue }
      var (position, close) = (0, first.close)
      // Each close holds until the next one.
      func hold(until time: Instant?) {
        let part = close / first.close
        while position < times.count, time.map({ times[position] < $0 }) ?? true {
          sums[position] += part
          position += 1
        }
      }
      try transaction.candles.eachClose(series, after: first.time, through: end - span) {
        hold(until: $0 + span)
        close = $1
      }
      hold(until: nil)
      count += 1
    }
    return count == 0 ? nothing : sums.map { $0 / Double(count) }
  }
}

extension PortfolioHistory {
  /// The history for machines: amounts are text, figures numbers.
  public var json: JSONValue {
    func number(_ value: Double?) -> JSONValue {
      value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }
    let windows = rolling.points.map { point in
      JSONValue.object([
        .init("time", .string("\(point.time)")), .init("sharpe", number(point.figures.sharpe)),
        .init("volatility", number(point.figures.volatility)),
      ])
    }
    let rows = points.map { point in
      JSONValue.object([
        .init("time", .string("\(point.time)")), .init("equity", .string("\(point.equity)")),
        .init("cash", .string("\(point.cash)")), .init("growth", .number(point.growth)),
        .init("hold", number(point.hold)),
      ])
    }
    let falls = drawdowns.prefix(10).map { fall in
      JSONValue.object([
        .init("start", .string("\(fall.start)")), .init("valley", .string("\(fall.valley)")),
        .init("recovered", fall.recovered.map { .string("\($0)") } ?? .null),
        .init("depth", .number(fall.depth)),
      ])
    }
    return .object([
      .init("schema", .string("carillon.portfolio.history/1")),
      .init("account", .string(account.name)), .init("quote", .string(account.quote)),
      .init("total_return", number(points.last.map { $0.growth - 1 })),
      .init("hold_return", number(points.last?.hold.map { $0 - 1 })),
      .init("money_weighted_return", number(moneyWeightedReturn)),
      .init("annual_return", number(figures?.annualReturn)),
      .init("volatility", number(figures?.volatility)), .init("sharpe", number(figures?.sharpe)),
      .init("sortino", number(figures?.sortino)), .init("calmar", number(figures?.calmar)),
      .init("win_rate", number(figures?.winRate)), .init("best_day", number(figures?.best)),
      .init("worst_day", number(figures?.worst)),
      .init("max_drawdown", number(drawdowns.first?.depth ?? (points.isEmpty ? nil : 0))),
      .init("turnover", number(turnover)), .init("exposure", number(exposure)),
      .init(
        "realised",
        .object(
          realised.sorted { $0.key < $1.key }.map { .init("\($0.key)", .string("\($0.value)")) })),
      .init(
        "fees",
        .object(fees.sorted { $0.key < $1.key }.map { .init($0.key, .string("\($0.value)")) })),
      .init(
        "flows",
        .array(
          flows.map {
            .object([
              .init("time", .string("\($0.time)")), .init("amount", .string("\($0.amount)")),
            ])
          })), .init("drawdowns", .array(Array(falls))),
      .init(
        "rolling",
        .object([.init("days", .number(rolling.window)), .init("points", .array(windows))])),
      .init("points", .array(rows)),
    ])
  }
}
