import Domain
import Foundation
import Portfolio
import Testing

/// The golden file is made by scripts/golden_performance.py from QuantStats and SciPy.
private struct Golden: Decodable, Sendable {
  struct Returns: Decodable, Sendable, CustomTestStringConvertible {
    struct Fall: Decodable, Sendable {
      var start, valley, end: Int
      var depth: Double
    }
    var name: String
    var periods_per_year: Double
    var returns: [Double]
    var total, annual, volatility, sharpe, sortino, max_drawdown, calmar, win_rate: Double
    var best, worst: Double
    var drawdowns: [Fall]
    /// By window: the place of its last return, volatility and Sharpe ratio.
    var rolling: [String: [[Double]]]
    var testDescription: String { name }
  }
  struct Money: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var first, last: Double
    var flows: [[Double]]
    var days: Int64
    var rate: Double
    var testDescription: String { name }
  }
  var returns: [Returns]
  var money: [Money]

  static let file: Golden = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Goldens/performance.json")
    do { return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url)) } catch {
      fatalError("\(url.path): \(error)")
    }
  }()
}

@Suite struct PerformanceTests {
  private static let day = TimeSpan.seconds(86_400)

  private static func at(_ day: Int) -> Instant { .epoch + .seconds(Int64(day) * 86_400) }

  private func isClose(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= 1e-9 * max(1, abs(b))
  }

  @Test(arguments: Golden.file.returns)
  private func figuresAreThoseOfQuantStats(_ golden: Golden.Returns) throws {
    let figures = try #require(
      PerformanceFigures(returns: golden.returns, periodsPerYear: golden.periods_per_year))
    let pairs: [(String, Double, Double)] = [
      ("total", figures.totalReturn, golden.total), ("annual", figures.annualReturn, golden.annual),
      ("volatility", figures.volatility, golden.volatility),
      ("sharpe", figures.sharpe, golden.sharpe), ("sortino", figures.sortino, golden.sortino),
      ("max drawdown", figures.maximumDrawdown, golden.max_drawdown),
      ("calmar", figures.calmar, golden.calmar), ("win rate", figures.winRate, golden.win_rate),
      ("best", figures.best, golden.best), ("worst", figures.worst, golden.worst),
    ]
    for (name, ours, theirs) in pairs {
      #expect(isClose(ours, theirs), "\(name): \(ours), QuantStats \(theirs)")
    }
  }

  @Test(arguments: Golden.file.returns)
  private func drawdownsAreThoseOfQuantStats(_ golden: Golden.Returns) throws {
    // QuantStats takes the unit before the first day as the first high; so does a curve of points.
    let growth = golden.returns.reduce(into: [1.0]) { $0.append(($0.last ?? 1) * (1 + $1)) }
    let times = growth.indices.map { Self.at($0 - 1) }
    let ours = Drawdown.all(times: times, growth: growth)
    // QuantStats leaves out a drawdown that lasts one day, and its `end` is the last day below.
    let days = ours.filter { $0.end > $0.start || $0.recovered == nil }
    for fall in golden.drawdowns {
      let found = try #require(
        days.first { $0.start == Self.at(fall.start) }
          ?? ours.first { $0.start == Self.at(fall.start) })
      #expect(found.valley == Self.at(fall.valley))
      #expect(isClose(found.depth, fall.depth))
    }
    #expect(golden.drawdowns.count == ours.count)
  }

  @Test(arguments: Golden.file.returns)
  private func rollingFiguresAreThoseOfQuantStats(_ golden: Golden.Returns) throws {
    #expect(golden.rolling.count >= 2)
    for (text, theirs) in golden.rolling {
      let window = try #require(Int(text))
      let ours = RollingFigures(
        returns: golden.returns, window: window, periodsPerYear: golden.periods_per_year)
      #expect(ours.points.map(\.index) == Array(window - 1..<golden.returns.count))
      for golden in theirs {
        let point = ours.points[Int(golden[0]) - window + 1]
        #expect(isClose(point.volatility, golden[1]), "\(window) at \(point.index)")
        #expect(isClose(point.sharpe, golden[2]), "\(window) at \(point.index)")
      }
    }
  }

  /// Windows that are not full, and those that do not move.
  @Test func whereThereIsNoRollingFigure() {
    let none = RollingFigures(returns: [0.1, 0.2], window: 3, periodsPerYear: 365)
    #expect(none.points.isEmpty)
    let flat = RollingFigures(returns: [0, 0, 0], window: 2, periodsPerYear: 365)
    #expect(flat.points.map(\.volatility) == [0, 0])
    #expect(flat.points.allSatisfy { $0.sharpe.isNaN })
    #expect([0, 269, 270].map(RollingFigures.window) == [30, 30, 90])
  }

  @Test(arguments: Golden.file.money)
  private func moneyWeightedReturnSolvesItsEquation(_ golden: Golden.Money) throws {
    let curve = EquityCurve(
      points: [
        .init(time: Self.at(0), equity: golden.first),
        .init(time: Self.at(Int(golden.days)), equity: golden.last),
      ], flows: golden.flows.map { .init(time: Self.at(Int($0[0])), amount: $0[1]) })
    let rate = try #require(curve.moneyWeightedReturn)
    #expect(isClose(rate, golden.rate), "\(rate), \(golden.rate)")
  }

  /// 100 grows to 110 (+10 %), 110 more come in at that moment, 220 grow to 231 (+5 %):
  /// 1.1 x 1.05 - 1 = 0.155, though the money itself went from 100 to 231.
  @Test func aDepositIsNoReturn() throws {
    let curve = EquityCurve(
      points: [
        .init(time: Self.at(0), equity: 100), .init(time: Self.at(1), equity: 110),
        .init(time: Self.at(1) + .milliseconds(1), equity: 220),
        .init(time: Self.at(2), equity: 231),
      ], flows: [.init(time: Self.at(1) + .milliseconds(1), amount: 110)])
    #expect(isClose(try #require(curve.timeWeightedReturn), 0.155))
  }

  /// Modified Dietz by its definition: 100 at the start, 50 after half of the stretch, 160 at the end:
  /// (160 - 100 - 50) / (100 + 0.5 x 50) = 0.08.
  @Test func aFlowWithinAStretchIsWeightedByItsTime() throws {
    let curve = EquityCurve(
      points: [.init(time: Self.at(0), equity: 100), .init(time: Self.at(2), equity: 160)],
      flows: [.init(time: Self.at(1), amount: 50)])
    #expect(isClose(try #require(curve.timeWeightedReturn), 0.08))
  }

  @Test func whatCannotBeJudgedIsNil() {
    #expect(EquityCurve(points: []).timeWeightedReturn == nil)
    #expect(EquityCurve(points: [.init(time: .epoch, equity: 1)]).moneyWeightedReturn == nil)
    #expect(PerformanceFigures(returns: [0.1], periodsPerYear: 252) == nil)
  }

  /// An account that was emptied and filled again: the stretch without money has no return.
  @Test func anEmptyAccountHasNoReturn() throws {
    let curve = EquityCurve(
      points: [
        .init(time: Self.at(0), equity: 100), .init(time: Self.at(1), equity: 0),
        .init(time: Self.at(2), equity: 50), .init(time: Self.at(3), equity: 55),
      ],
      flows: [.init(time: Self.at(1), amount: -100), .init(time: Self.at(2), amount: 50)])
    #expect(curve.returns.map(\.isNaN) == [false, true, false])
    #expect(isClose(try #require(curve.timeWeightedReturn), 0.1))
  }

  @Test func theLastPointOfADayIsTheDay() {
    let points = (0..<48).map { hour in
      EquityCurve.Point(time: .epoch + .seconds(Int64(hour) * 3600), equity: Double(100 + hour))
    }
    let daily = EquityCurve(points: points).daily { Int($0.seconds / 86_400) }
    #expect(daily.points.map(\.equity) == [123, 147])
  }
}
