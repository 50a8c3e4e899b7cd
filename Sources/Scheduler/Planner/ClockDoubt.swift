public import Domain

/// Whether jobs that place orders may go by the wall clock: a clock that was set back, or has leapt
/// forward, is to be proven first. All other jobs go on at the first look.
///
/// On paper nothing is at stake, and no proof is asked for.
public struct ClockDoubt: Sendable {
  /// Whether orders are worth money, so that a doubt has to be resolved.
  public let asksForProof: Bool
  /// The latest time on record that jobs that place orders, which were left as they are, may wait for.
  private var spared: Instant?
  private var proof = ClockProof()

  /// No doubt.
  public init(asksForProof: Bool) { self.asksForProof = asksForProof }

  /// Takes note of what was left from the future; nil when nothing was.
  public mutating func spare(_ latest: Instant?) {
    guard asksForProof else { return }
    if latest != nil, spared == nil { proof = ClockProof() }
    spared = latest
  }

  /// Why jobs that place orders are to wait; nil when they need not.
  ///
  /// - Parameter leap: By how much the clock has leapt forward, if it has.
  public func suspicion(now: Instant, leap: TimeSpan?) -> String? {
    guard asksForProof else { return nil }
    if let spared, spared.isFromTheFuture(at: now) {
      let behind = (spared - now).rounded
      return "it shows \(now), \(behind) before the latest time on record (\(spared))"
    }
    return leap.map { "it leapt forward by \($0.rounded)" }
  }

  /// Takes a reading.
  ///
  /// - Returns: whether the clock is proven.
  public mutating func take(_ reading: ClockReading) -> Bool { proof.take(reading) }

  /// Ends the doubt: a person says so, or it is proven.
  public mutating func trust() { (spared, proof) = (nil, ClockProof()) }
}

/// What is known of the wall clock from elsewhere at one moment.
public struct ClockReading: Hashable, Sendable {
  /// The uptime at which it was read.
  public var uptime: TimeSpan
  /// Whether the kernel calls the clock synchronised.
  public var isSynchronised: Bool
  /// By how much the clock of each venue that orders go to is ahead of the wall clock; nil for one
  /// that did not answer.
  public var venues: [TimeSpan?]

  /// A reading.
  public init(uptime: TimeSpan, isSynchronised: Bool, venues: [TimeSpan?]) {
    (self.uptime, self.isSynchronised, self.venues) = (uptime, isSynchronised, venues)
  }
}

/// The proof of a clock: the kernel calls it synchronised and all venues agree with it, in two readings
/// some time apart with none between them that says otherwise.
public struct ClockProof: Sendable {
  /// A venue whose clock is within this of ours agrees.
  public static let tolerance = TimeSpan.seconds(5)
  /// The two readings are at least so far apart, so that one lucky answer proves nothing.
  public static let pause = TimeSpan.seconds(30)

  private var agreedSince: TimeSpan?

  /// Nothing is proven.
  public init() {}

  /// Takes a reading.
  ///
  /// - Returns: whether the clock is proven by now.
  public mutating func take(_ reading: ClockReading) -> Bool {
    let agree = reading.venues.allSatisfy { offset in
      guard let offset else { return false }
      return offset <= Self.tolerance && .zero - offset <= Self.tolerance
    }
    guard reading.isSynchronised, agree, !reading.venues.isEmpty else {
      agreedSince = nil
      return false
    }
    guard let first = agreedSince else {
      agreedSince = reading.uptime
      return false
    }
    return reading.uptime - first >= Self.pause
  }
}
