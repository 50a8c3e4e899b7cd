/// Whether a close is believed that lies far from the one before it.
///
/// A price that is a hundred times the last one is a slip of the source far more often than a move. It
/// waits for the next closed candle: that of a split, a redenomination or a real crash says the same.
struct MoveGuard: Hashable, Sendable {
  /// By so much a close may move and is believed at once.
  let factor: Double

  /// What is believed unless `max-move` says otherwise.
  static let standardFactor = 3.0

  /// What becomes of a candle.
  enum Answer: Hashable, Sendable {
    /// It is written.
    case believed
    /// It is asked for again when the next candle is there.
    case held
    /// It is set apart: the candle after it says otherwise.
    case refused
  }

  /// Judges a close by those of the candles beside it, nil where there is none.
  func judge(_ close: Double, previous: Double?, following: Double?) -> Answer {
    guard let previous, !isNear(close, previous) else { return .believed }
    guard let following else { return .held }
    return isNear(close, following) ? .believed : .refused
  }

  /// Whether two prices are within the factor of each other.
  func isNear(_ a: Double, _ b: Double) -> Bool { max(a, b) < factor * min(a, b) }
}
