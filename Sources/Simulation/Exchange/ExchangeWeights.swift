import Domain

/// The request weight used in the current minute, and the answer when it is too much.
struct ExchangeWeights {
  /// What a minute allows; nil for no limit.
  let limit: Int?
  private var minute: Int64 = .min
  private(set) var used = 0

  init(limit: Int?) { self.limit = limit }

  /// Counts a request.
  ///
  /// Returns nil when it may pass, else the seconds until the next minute begins.
  mutating func take(_ weight: Int, at now: Instant) -> Int? {
    let current = now.milliseconds.flooringQuotient(60_000)
    if current != minute { (minute, used) = (current, 0) }
    used += weight
    guard let limit, used > limit else { return nil }
    let left = (current + 1) * 60_000 - now.milliseconds
    return Int((left + 999) / 1000)
  }
}
