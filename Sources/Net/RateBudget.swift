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
  /// What is taken in advance is no more than one part of so many of what the window still has.
  public static let portionsInRoom = 10
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
    guard used + max(cost, 0) <= allowed(urgency) || used == 0 else {
      return .wait(until: windowStart + window)
    }
    used += max(cost, 0)
    return .admitted
  }

  /// Asks for a request of this cost, and takes something for those that follow it in this window along:
  /// together so much at most, in whole requests like it. What is taken counts as used, so that all who share the budget stay
  /// within it, and who dies with a portion wastes that much of one window. The nearer its end, the
  /// smaller the portion: the last of it goes to whoever asks.
  ///
  /// - Returns: the answer, and what was taken beyond the cost.
  public mutating func take(
    _ cost: Int, upTo most: Int, _ urgency: Urgency, at now: Instant
  ) -> (answer: Admission, extra: Int) {
    turn(at: now)
    let cost = max(cost, 0)
    let room = allowed(urgency) - used - cost
    let part = max(min(most - cost, room / Self.portionsInRoom), 0)
    let extra = cost == 0 ? 0 : part / cost * cost
    let answer = admit(cost + extra, urgency, at: now)
    return (answer, answer == .admitted ? extra : 0)
  }

  /// Whether what was taken in advance may be used: nobody has been shut out meanwhile, and the venue's
  /// own count, where it tells one, leaves room for all of it.
  public func stillAllows(_ taken: Int, told: Int?, at now: Instant) -> Bool {
    var budget = self
    budget.turn(at: now)
    return budget.bannedUntil == nil && told ?? 0 <= limit - taken
  }

  private func allowed(_ urgency: Urgency) -> Int {
    urgency == .order ? limit : limit - orderReserve
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
