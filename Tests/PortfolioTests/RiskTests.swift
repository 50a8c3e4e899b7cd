import Domain
import Portfolio
import Testing

@Suite struct RiskTests {
  private static let day = Instant(seconds: 1_700_006_400)

  private func valuation(
    cash: String, held: [String: String] = [:], prices: [String: String] = [:]
  ) throws -> Valuation {
    var book = Book(
      account: "main", quote: "USD", cash: ["USD": try amount(cash)], positions: [:])
    var rates: [Symbol: Mark] = [:]
    for (name, quantity) in held {
      let pair = try symbol(name + "-USD")
      book.positions[pair] = Position(symbol: pair, quantity: try amount(quantity), cost: .zero)
    }
    for (name, price) in prices {
      rates[try symbol(name + "-USD")] = Mark(price: try amount(price), time: Self.day)
    }
    return try Valuation(book, at: Rates(quote: "USD", prices: rates))
  }

  /// kind, bound, what is used, whether it is passed: of 1000, A is 500, B 300, cash 200.
  @Test(arguments: [
    (RiskLimit.Kind.weight, "0.5", "0.5", false), (.weight, "0.49", "0.5", true),
    (.positions, "2", "2", false), (.positions, "1", "2", true),
    (.exposure, "0.8", "0.8", false), (.exposure, "0.79", "0.8", true),
    (.group, "0.3", "0.3", false), (.group, "0.29", "0.3", true),
    // From 1100 this morning, and 1250 at best: 100 / 1100, 250 / 1250.
    (.dailyLoss, "0.1", "0.090909090909", false), (.dailyLoss, "0.09", "0.090909090909", true),
    (.drawdown, "0.2", "0.2", false), (.drawdown, "0.19", "0.2", true),
    (.lossStreak, "3", "3", false), (.lossStreak, "2", "3", true),
  ])
  func saysHowMuchIsUsed(
    _ kind: RiskLimit.Kind, _ bound: String, _ used: String, _ passed: Bool
  ) throws {
    let limit = RiskLimit(
      kind, bound: try amount(bound), action: .reduceOnly,
      group: kind == .group ? "layer1" : nil, members: [try symbol("B-USD")])
    var baseline: RiskBaseline? = RiskBaseline(
      dayStart: Self.day, dayEquity: Amount(1100), peak: Amount(1250), last: Amount(1000),
      seen: Self.day, losingDays: 3)
    let reading = try RiskReading(
      [limit],
      try valuation(
        cash: "200", held: ["A": "50", "B": "30"], prices: ["A": "10", "B": "10"]),
      &baseline, now: Self.day + .hours(1))
    #expect(reading.lines.first?.used == Amount(used))
    #expect((reading.lines.first?.since != nil) == passed)
    #expect((reading.inForce != nil) == passed)
    #expect(reading.newly == (passed ? [limit] : []))
    #expect(baseline?.tripped == (passed ? [limit.name: Self.day + .hours(1)] : [:]))
  }

  /// A day's loss holds until the day is over; a drawdown until half of it is made up for.
  @Test func rearmsByItsRule() throws {
    let limits = [
      RiskLimit(.dailyLoss, bound: try amount("0.1"), action: .blockEntries),
      RiskLimit(.drawdown, bound: try amount("0.1"), action: .flatten),
    ]
    var baseline: RiskBaseline?
    /// Which limits hold back once the equity is so much, so many hours after the day began.
    func look(_ equity: Int, hours: Int64) throws -> [String] {
      let now = Self.day + .hours(hours)
      let today = Self.day + .hours(hours / 24 * 24)
      baseline = try RiskBaseline.moved(
        baseline, equity: Amount(equity), flow: .zero, day: today, now: now)
      let reading = try RiskReading(
        limits, try valuation(cash: "\(equity)"), &baseline, now: now)
      return reading.lines.filter { $0.since != nil }.map(\.limit.name)
    }
    #expect(try look(1000, hours: 1) == [])
    #expect(try look(880, hours: 2) == ["max-daily-loss", "max-drawdown"])
    #expect(try look(960, hours: 3) == ["max-daily-loss"])  // 4 % down: half of 10 % made up
    #expect(try look(890, hours: 4) == ["max-daily-loss", "max-drawdown"])
    // The next day begins where the last ended, 890: nothing is lost of it; the peak stays.
    #expect(try look(890, hours: 25) == ["max-drawdown"])
    #expect(baseline?.peak == Amount(1000))
    #expect(baseline?.losingDays == 1)
    #expect(try look(1001, hours: 49) == [])
  }

  /// What is paid in or out is neither profit nor loss: 500 out of 1000 trips nothing.
  @Test func theBaselineMovesWithWhatIsPaidInAndOut() throws {
    var baseline: RiskBaseline? = try RiskBaseline.moved(
      nil, equity: Amount(1000), flow: .zero, day: Self.day, now: Self.day)
    baseline = try RiskBaseline.moved(
      baseline, equity: Amount(500), flow: Amount(-500), day: Self.day, now: Self.day + .hours(1))
    #expect(baseline?.peak == Amount(500))
    #expect(baseline?.dayEquity == Amount(500))
    let reading = try RiskReading(
      [RiskLimit(.drawdown, bound: try amount("0.01"), action: .flatten)],
      try valuation(cash: "500"), &baseline, now: Self.day + .hours(1))
    #expect(reading.inForce == nil)
  }

  @Test func countsDaysThatEndLower() throws {
    var baseline: RiskBaseline?
    var days: [Int] = []
    for (index, equity) in [1000, 990, 980, 985, 970].enumerated() {
      let day = Self.day + .hours(Int64(index) * 24)
      baseline = try RiskBaseline.moved(
        baseline, equity: Amount(equity), flow: .zero, day: day, now: day + .hours(1))
      days.append(baseline?.losingDays ?? -1)
    }
    // Each look is the end of its day by the next: 1000 ends as it began, 990 and 980 lower, 985 higher.
    #expect(days == [0, 0, 1, 2, 0])
  }

  /// While the equity is unknown nothing is bought, and no loss is made up.
  @Test func anUnknownEquityBuysNothing() throws {
    var baseline: RiskBaseline?
    let reading = try RiskReading(
      [RiskLimit(.weight, bound: .one, action: .flatten)],
      try valuation(cash: "500", held: ["A": "1"]), &baseline, now: Self.day)
    #expect(reading.inForce?.action == .reduceOnly)
    #expect(
      reading.inForce?.reason == "risk: the equity is unknown: no price of A in USD")
    #expect(reading.newly.isEmpty)
  }
}
