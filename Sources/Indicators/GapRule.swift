public import Calendars

/// What indicators do where candles are missing between two that exist. Part of a feature set's
/// identity, so that training and live trading cannot differ.
public enum GapRule: String, CaseIterable, Sendable, CustomStringConvertible {
  /// By the calendar of the market: nothing is missing while it is closed, and what is missing while it
  /// was open is as with `carry`. Without a calendar the market is never closed.
  case session
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

  /// The rule where none is given: what a market with or without a calendar asks for.
  public static func standard(_ calendar: TradingCalendar?) -> GapRule {
    calendar == nil ? .carry : .session
  }

  /// The word in configurations.
  public var description: String { rawValue }
}
