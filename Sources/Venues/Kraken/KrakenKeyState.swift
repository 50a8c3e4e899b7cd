public import Domain

/// What must be remembered of a key between its calls: its newest nonce, and the counter that Kraken
/// raises with each call and lowers with time.
///
/// A value: it decides, and whoever keeps it puts it on record, so that all processes and the next start
/// share it. The limits are those of the lowest tier, which every account has.
///
/// Source: docs.kraken.com, "Spot REST rate limits": at most 15, lowered by 0.33 a second.
public struct KrakenKeyState: Hashable, Sendable {
  /// The most that the counter may be.
  public static let mostCalls = 15
  /// What it is lowered by in a second, in hundredths.
  public static let decayPercentPerSecond = 33

  /// The newest nonce that was used.
  public private(set) var nonce: UInt64 = 0
  /// The counter, in millionths of a call.
  private var used: Int64 = 0
  /// As of when the counter was counted.
  private var counted = Instant.epoch

  /// A key that was never used.
  public init() {}

  /// The next nonce: nanoseconds of our clock, or one more than the last where the clock was set back.
  /// Other programs count seconds, milliseconds or tens of nanoseconds, all of which are less.
  public mutating func nextNonce(at now: Instant) -> UInt64 {
    nonce = max(nonce + 1, UInt64(max(now.milliseconds, 0)) * 1_000_000)
    return nonce
  }

  /// Counts a call of this weight where there is room for it; else how long to wait until there is.
  public mutating func count(_ weight: Int, at now: Instant) -> TimeSpan? {
    lower(at: now)
    guard weight > 0 else { return nil }
    let (cost, most) = (Int64(weight) * 1_000_000, Int64(Self.mostCalls) * 1_000_000)
    guard used + cost > most else {
      used += cost
      return nil
    }
    let perMillisecond = Int64(Self.decayPercentPerSecond) * 10
    return .milliseconds((used + cost - most + perMillisecond - 1) / perMillisecond)
  }

  /// Kraken says that there were too many: somebody else uses the key too.
  public mutating func fill(at now: Instant) {
    lower(at: now)
    used = Int64(Self.mostCalls) * 1_000_000
  }

  private mutating func lower(at now: Instant) {
    let gone = min(max((now - counted).milliseconds, 0), 3_600_000)
    used = max(0, used - gone * Int64(Self.decayPercentPerSecond) * 10)
    counted = now
  }

  /// The state as a line of text.
  public var text: String { "1 \(nonce) \(used) \(counted.milliseconds)" }

  /// Reads what `text` wrote; nil for anything else.
  public init?(text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 4, parts[0] == "1", let nonce = UInt64(parts[1]), nonce < .max / 2,
      let used = Int64(parts[2]), (0...Int64(Self.mostCalls) * 1_000_000).contains(used),
      let counted = Int64(parts[3]).flatMap({ Instant(told: $0) })
    else { return nil }
    (self.nonce, self.used, self.counted) = (nonce, used, counted)
  }
}

/// Keeps the state of one key, and gives it to one caller at a time: calls of a key that overtake each
/// other arrive with nonces that go back.
public protocol KrakenKeyKeeper: Sendable {
  /// The state, for whoever has it alone until he lets go; nil while somebody else has it.
  ///
  /// - Throws: `Fault` when it cannot be read.
  func take() throws -> (any KrakenKeyHold)?
}

/// The state of a key, held alone.
public protocol KrakenKeyHold: Sendable {
  /// The state as it was found.
  var state: KrakenKeyState { get }
  /// Puts a state on record, before it is used. - Throws: `Fault` when it cannot be written.
  func write(_ state: KrakenKeyState) throws
  /// Lets go.
  func release()
}
