import Domain
import Glibc

/// The figures that a curve is judged by. Definitions are QuantStats' (0.0.86), so that a tear sheet
/// made elsewhere says the same: sample deviation, no risk-free rate, geometric growth.
public struct PerformanceFigures: Hashable, Sendable {
  /// The time-weighted return over the whole: 0.1 is ten per cent.
  public var totalReturn: Double
  /// Growth a year, geometric.
  public var annualReturn: Double
  /// The sample deviation of returns, a year.
  public var volatility: Double
  /// Mean return over deviation, a year; NaN without deviation.
  public var sharpe: Double
  /// Mean return over the deviation of losses alone, a year; NaN without losses.
  public var sortino: Double
  /// The deepest drawdown: 0.1 is ten per cent below the high before.
  public var maximumDrawdown: Double
  /// Annual return over the deepest drawdown; NaN without one.
  public var calmar: Double
  /// Winning periods among those that were not flat; NaN when all were.
  public var winRate: Double
  /// The best and the worst return of a period.
  public var best: Double
  /// The worst return of a period.
  public var worst: Double

  /// The figures of returns that follow each other.
  ///
  /// - Parameters:
  ///   - returns: one a period; at least two, none NaN.
  ///   - periodsPerYear: how many of them a year has: 252 trading days, 365 days, 8,760 hours.
  /// - Returns: nil for fewer than two returns.
  public init?(returns: [Double], periodsPerYear: Double) {
    let count = Double(returns.count)
    guard returns.count > 1, let best = returns.max(), let worst = returns.min() else { return nil }
    let mean = returns.reduce(0, +) / count
    let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / (count - 1)).squareRoot()
    let losses = returns.reduce(0) { $0 + ($1 < 0 ? $1 * $1 : 0) }
    let downside = (losses / count).squareRoot()
    let growth = returns.reduce(1) { $0 * (1 + $1) }
    let year = periodsPerYear.squareRoot()
    let times = (0...returns.count).map { Instant.epoch + .milliseconds(Int64($0)) }
    let curve = returns.reduce(into: [1.0]) { $0.append(($0.last ?? 1) * (1 + $1)) }
    (self.best, self.worst) = (best, worst)
    totalReturn = growth - 1
    annualReturn =
      growth < 0 ? .nan : pow(growth, periodsPerYear / count) - 1
    volatility = deviation * year
    sharpe = deviation > 0 ? mean / deviation * year : .nan
    sortino = downside > 0 ? mean / downside * year : .nan
    maximumDrawdown = Drawdown.all(times: times, growth: curve).map(\.depth).max() ?? 0
    calmar = maximumDrawdown > 0 ? annualReturn / maximumDrawdown : .nan
    let moved = returns.count { $0 != 0 }
    winRate = moved > 0 ? Double(returns.count { $0 > 0 }) / Double(moved) : .nan
  }
}
