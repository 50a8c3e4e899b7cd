import Domain
import Glibc

/// The step of prices that a source's own digits tell, where it knows no trading rules.
///
/// The fewest decimals with which nearly all prices are written: nearly, since a file that went through
/// binary arithmetic has a few with noise in the sixteenth digit, which is overlooked. Prices on no
/// grid at all, such as those adjusted for dividends, get five significant digits.
enum PriceDigits {
  /// So many of the newest candles are looked at.
  static let candles = 500
  /// The most decimals of a step.
  private static let mostDecimals = 12
  /// A part of the prices that may be off the grid.
  private static let oddPart = 0.01
  /// Significant digits of prices without a grid.
  private static let significantDigits = 5

  /// The decimals of the prices' step; nil without a candle.
  static func decimals(of candles: some Sequence<Candle>) -> Int? {
    var counts = [Int](repeating: 0, count: mostDecimals + 2)
    var total = 0
    var lowest = Double.infinity
    for candle in candles {
      for price in [candle.open, candle.high, candle.low, candle.close] {
        counts[decimals(of: price)] += 1
        total += 1
        lowest = min(lowest, price)
      }
    }
    guard total > 0 else { return nil }
    let allowed = Int(Double(total) * oddPart)
    var odd = counts[mostDecimals + 1]
    var digits = mostDecimals
    while digits > 0, odd + counts[digits] <= allowed {
      odd += counts[digits]
      digits -= 1
    }
    let most = significantDigits - 1 - Int(log10(lowest).rounded(.down))
    guard odd <= allowed, digits <= 8 || digits <= most else {
      return min(max(most, 0), mostDecimals)
    }
    return digits
  }

  /// The decimals that a price is written with; more than the most where it is on no grid.
  private static func decimals(of price: Double) -> Int {
    var scaled = price
    for digits in 0...mostDecimals {
      // Sixteen digits are all that a number of 64 bits has.
      if (scaled - scaled.rounded()).magnitude <= max(scaled, 1) * 1e-11, scaled >= 0.5 {
        return digits
      }
      scaled = price * power(digits + 1)
    }
    return mostDecimals + 1
  }

  private static func power(_ exponent: Int) -> Double {
    [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13][exponent]
  }
}
