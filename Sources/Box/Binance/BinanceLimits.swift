import Domain

/// What Binance counts: request weight by address, and orders that are not filled by account.
struct BinanceLimits {
  /// What a count led to.
  enum Verdict: Hashable {
    case passed
    /// Too much in this minute: so long to its end.
    case tooMuch(TimeSpan)
    /// Banned until a time.
    case banned(Instant)
  }

  /// So many requests beyond the limit are answered with 429; the next one is a ban.
  static let patience = 10
  /// The first ban; each further one is twice as long.
  static let firstBan = TimeSpan.minutes(2)
  static let longestBan = TimeSpan.days(3)
  /// Orders that may be placed and not filled.
  static let ordersPerTenSeconds = 100
  static let ordersPerDay = 200_000

  /// What a minute allows; nil: anything.
  let weightPerMinute: Int?
  private(set) var used = 0
  private var minute: Int64 = .min
  private var overdrawn = 0
  private var bans = 0
  private var bannedUntil: Instant?
  private var orders: [String: OrderCount] = [:]

  /// The orders of one account in the current ten seconds and the current day.
  struct OrderCount: Hashable {
    var tens: Int64 = .min
    var day: Int64 = .min
    var inTens = 0
    var inDay = 0
  }

  init(weightPerMinute: Int?) { self.weightPerMinute = weightPerMinute }

  /// Counts the weight of a request.
  mutating func take(_ weight: Int, at now: Instant) -> Verdict {
    if let until = bannedUntil {
      if now < until { return .banned(until) }
      bannedUntil = nil
      (used, overdrawn) = (0, 0)
    }
    let current = now.milliseconds.flooringQuotient(60_000)
    if current != minute { (minute, used, overdrawn) = (current, 0, 0) }
    used += weight
    guard let weightPerMinute, used > weightPerMinute else { return .passed }
    overdrawn += 1
    guard overdrawn > Self.patience else {
      return .tooMuch(Instant(milliseconds: (current + 1) * 60_000) - now)
    }
    return .banned(ban(at: now))
  }

  /// Bans at once.
  mutating func ban(at now: Instant) -> Instant {
    let span = min(Self.longestBan, Self.firstBan * (1 << Int64(min(bans, 11))))
    bans += 1
    bannedUntil = now + span
    return now + span
  }

  /// The orders of an account that count now.
  func count(of account: String, at now: Instant) -> OrderCount {
    var count = orders[account] ?? OrderCount()
    let tens = now.milliseconds.flooringQuotient(10_000)
    let day = now.milliseconds.flooringQuotient(86_400_000)
    if count.tens != tens { (count.tens, count.inTens) = (tens, 0) }
    if count.day != day { (count.day, count.inDay) = (day, 0) }
    return count
  }

  /// Counts a new order, or one less when it is filled for the first time.
  mutating func add(_ change: Int, to account: String, at now: Instant) {
    var count = count(of: account, at: now)
    count.inTens = max(0, count.inTens + change)
    count.inDay = max(0, count.inDay + change)
    orders[account] = count
  }
}
