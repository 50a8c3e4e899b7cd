/// A column of candles that an indicator or an expression reads.
enum Column: UInt8, CaseIterable, Sendable {
  case open, high, low, close, volume
  /// The opening time in milliseconds.
  case time
  /// (high + low) / 2.
  case hl2
  /// (high + low + close) / 3, the typical price.
  case hlc3
  /// (open + high + low + close) / 4.
  case ohlc4

  /// The name in expressions.
  var name: String { "\(self)" }

  /// The columns that an expression may name: time is left to the functions of time.
  static let named = allCases.filter { $0 != .time }

  init?(name: String) {
    guard let column = Self.named.first(where: { $0.name == name }) else { return nil }
    self = column
  }
}
