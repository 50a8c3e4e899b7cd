import Domain

/// The figures of the last so many periods, at each period: how volatility and Sharpe ratio changed over time.
/// Definitions are QuantStats' (0.0.86): `rolling_volatility` and `rolling_sharpe`.
public struct RollingFigures: Hashable, Sendable {
  /// The figures of one window.
  public struct Point: Hashable, Sendable {
    /// The place of the window's last return among all returns.
    public var index: Int
    /// The sample deviation of the window's returns, a year.
    public var volatility: Double
    /// Mean return of the window over its deviation, a year; NaN without deviation.
    public var sharpe: Double
  }

  /// How many returns a window has.
  public let window: Int
  /// One point for each window that is full, in order of time.
  public let points: [Point]

  /// The window for so many returns: a month, and three where there are nine.
  public static func window(for count: Int) -> Int { count >= 270 ? 90 : 30 }

  /// The figures of returns that follow each other.
  ///
  /// - Parameters:
  ///   - returns: one a period, none NaN.
  ///   - window: how many returns a window has; at least two.
  ///   - periodsPerYear: how many periods a year has.
  public init(returns: [Double], window: Int, periodsPerYear: Double) {
    precondition(window > 1, "a deviation takes two returns")
    self.window = window
    let year = periodsPerYear.squareRoot()
    guard returns.count >= window else {
      points = []
      return
    }
    // Each window is added up anew: sums that are carried along lose digits, and days are few.
    points = (window - 1..<returns.count).map { index in
      let part = returns[index - window + 1...index]
      let mean = part.reduce(0, +) / Double(window)
      let squares = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(window - 1)).squareRoot()
      return Point(
        index: index, volatility: deviation * year,
        sharpe: deviation > 0 ? mean / deviation * year : .nan)
    }
  }
}
