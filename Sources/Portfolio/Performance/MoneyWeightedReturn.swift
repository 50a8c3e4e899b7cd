import Domain
import Glibc

extension EquityCurve {
  /// The yearly rate at which all that was paid in would have grown to what is there now, flows
  /// discounted by days of a 365-day year (the internal rate of return for irregular dates, as
  /// spreadsheets' XIRR defines it).
  ///
  /// The equation `sum of c / (1 + r)^(d / 365) = 0` is solved by bisection, so that the answer does
  /// not hang on a starting guess.
  ///
  /// - Returns: nil without two points, or where no rate between -99.9999 % and a million per cent
  ///   solves it.
  public var moneyWeightedReturn: Double? {
    guard let first = points.first, let last = points.last, last.time > first.time else {
      return nil
    }
    var payments = [(years: 0.0, amount: -first.equity)]
    for flow in flows where flow.time > first.time && flow.time <= last.time {
      payments.append((Self.years(from: first.time, to: flow.time), -flow.amount))
    }
    payments.append((Self.years(from: first.time, to: last.time), last.equity))
    func value(_ rate: Double) -> Double {
      payments.reduce(0) { $0 + $1.amount * pow(1 + rate, -$1.years) }
    }
    var (low, high) = (-0.999999, 1.0)
    while value(high) > 0, high < Self.highestRate { high *= 2 }
    guard (value(low) > 0) != (value(high) > 0) else { return nil }
    let risesAtLow = value(low) > 0
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      if middle == low || middle == high { break }
      if (value(middle) > 0) == risesAtLow { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }

  private static let highestRate = 10_000.0
  private static let dayMilliseconds = 86_400_000.0

  private static func years(from: Instant, to: Instant) -> Double {
    Double((to - from).milliseconds) / dayMilliseconds / 365
  }
}
