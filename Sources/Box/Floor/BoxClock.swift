public import Domain

/// The clock of the exchange beside that of the machine: it starts somewhere and runs at some speed.
public struct BoxClock: Hashable, Sendable {
  /// The machine's time at which it was started.
  public let started: Instant
  /// What it showed then.
  public let opening: Instant
  /// How many seconds of the exchange one of the machine's takes; 0: it stands.
  public let speed: Double

  /// A clock that shows `opening` at the machine's time `started`.
  public init(started: Instant, opening: Instant, speed: Double) {
    (self.started, self.opening, self.speed) = (started, opening, speed)
  }

  /// What it shows at a time of the machine.
  public func time(at machine: Instant) -> Instant {
    if speed == 1 { return opening + (machine - started) }
    let gone = Double((machine - started).milliseconds) * speed
    return opening + .milliseconds(Int64(gone.rounded(.down)))
  }

  /// Whether it shows what the machine's clock does.
  public var isMachines: Bool { speed == 1 && opening == started }

  /// How long one of the exchange's spans takes by the machine's clock, in whole seconds, rounded up;
  /// 1 where the clock stands.
  func machineSeconds(_ span: TimeSpan) -> Int64 {
    guard speed > 0 else { return 1 }
    return max(1, Int64((Double(span.milliseconds) / 1000 / speed).rounded(.up)))
  }
}
