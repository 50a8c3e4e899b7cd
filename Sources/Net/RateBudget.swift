public import Domain

/// What a venue allows in each window of time, what of it is used, and until when it has shut us out.
///
/// A value: it decides, and whoever keeps it puts it on record, so that the daemon, runs by hand and
/// the next start share it. Its times are those of the wall clock, which is what all of them have in
/// common.
public struct RateBudget: Hashable, Sendable {
  /// How much a request matters.
  public enum Urgency: String, CaseIterable, Sendable {
    /// Candles and rules: may wait.
    case data
    /// Orders, cancels and what belongs to them: has a reserve that data cannot eat.
    case order
  }

  /// The answer to a request.
  public enum Admission: Hashable, Sendable {
    /// It may be sent, and is counted.
    case admitted
    /// The window is used up; the next begins then.
    case wait(until: Instant)
    /// The venue has shut us out until then, for this reason.
    case banned(until: Instant, reason: String)
  }

  /// What a window allows.
  public var limit: Int
  /// How long a window is; windows are aligned to the epoch, as Binance's are to the minute.
  public var window: TimeSpan
  /// What of a window is left to orders.
  public var orderReserve: Int
  /// When the present window began.
  public private(set) var windowStart: Instant
  /// What of it is used.
  public private(set) var used: Int
  /// Until when the venue has shut us out; nil: it has not.
  public private(set) var bannedUntil: Instant?
  /// What it said.
  public private(set) var banReason: String

  /// What Binance Spot allows an address in a minute.
  public static let binanceWeight = 6000
  /// The part of a window that is left to orders, in hundredths.
  public static let orderReservePercent = 20
  /// The longest ban that is believed; Binance's own end after three days.
  public static let longestBan = TimeSpan.days(30)

  /// A budget of which nothing is used.
  public init(limit: Int = binanceWeight, window: TimeSpan = .minutes(1)) {
    precondition(limit > 0 && window > .zero, "a budget allows something in some time")
    self.limit = limit
    self.window = window
    orderReserve = limit * Self.orderReservePercent / 100
    windowStart = Instant(milliseconds: .min / 4)
    used = 0
    banReason = ""
  }

  /// Asks for a request of this cost, and counts it when it may be sent.
  ///
  /// What costs more than a window allows is admitted at the beginning of one.
  public mutating func admit(_ cost: Int, _ urgency: Urgency, at now: Instant) -> Admission {
    turn(at: now)
    if let until = bannedUntil { return .banned(until: until, reason: banReason) }
    let allowed = urgency == .order ? limit : limit - orderReserve
    guard used + max(cost, 0) <= allowed || used == 0 else {
      return .wait(until: windowStart + window)
    }
    used += max(cost, 0)
    return .admitted
  }

  /// Takes over what the venue says is used of the present window: others may use the same address.
  public mutating func correct(used told: Int, at now: Instant) {
    turn(at: now)
    used = max(used, min(max(told, 0), 1_000_000_000))
  }

  /// The venue refuses until an instant. A longer ban stays.
  public mutating func ban(until: Instant, reason: String, at now: Instant) {
    turn(at: now)
    let end = min(until, now + Self.longestBan)
    guard end > now, end > bannedUntil ?? now else { return }
    bannedUntil = end
    banReason = String(reason.prefix(200))
  }

  /// Begins a new window when its time has come, also where the clock was set back, and lets a ban
  /// end: one that lies further ahead than any can was told by a clock that was wrong.
  private mutating func turn(at now: Instant) {
    let start = Instant(
      milliseconds: now.milliseconds.flooringQuotient(window.milliseconds) * window.milliseconds)
    if start != windowStart { (windowStart, used) = (start, 0) }
    if let until = bannedUntil, until <= now || until > now + Self.longestBan { bannedUntil = nil }
  }
}

extension RateBudget {
  /// The budget as a line of text, for a database.
  public var text: String {
    let ban = bannedUntil.map { "\($0.milliseconds)" } ?? "-"
    return
      "1 \(limit) \(window.milliseconds) \(windowStart.milliseconds) \(used) \(ban) \(banReason)"
  }

  /// Reads what `text` wrote; nil for anything else.
  public init?(text: String) {
    let parts = text.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: false)
    guard parts.count == 7, parts[0] == "1", let limit = Int(parts[1]), limit > 0,
      let window = Int64(parts[2]), window > 0, let start = Int64(parts[3]),
      let used = Int(parts[4])
    else { return nil }
    self.init(limit: limit, window: .milliseconds(window))
    windowStart = Instant(milliseconds: start)
    self.used = used
    bannedUntil = Int64(parts[5]).flatMap { Instant(told: $0) }
    banReason = String(parts[6])
  }
}
