/// What indicators do where candles are missing between two that exist. Part of a feature set's
/// identity, so that training and live trading cannot differ.
public enum GapRule: String, CaseIterable, Sendable, CustomStringConvertible {
  /// Each missing candle is stood in for by a flat one at the last close, without volume: nothing
  /// was traded, so the price stood still. Above `maximumCarriedCandles` in a row, as `reset`.
  case carry
  /// What would need a missing candle is missing: each value is NaN until its look-back lies behind
  /// the gap. Averages that never forget keep what they knew before it.
  case missing
  /// Everything is forgotten, and warms up again.
  case reset
  /// Candles are counted and not their times, as charts of shares do over nights and weekends (and
  /// TA-Lib always).
  case bridge

  /// The most candles in a row that `carry` stands in for.
  public static let maximumCarriedCandles = 10_000

  /// The word in configurations.
  public var description: String { rawValue }
}
