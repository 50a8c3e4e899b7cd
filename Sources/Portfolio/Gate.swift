public import Domain

/// The last question before an order leaves: may it?
///
/// One gate, asked at the send call itself, so that nothing decided earlier can be overtaken by
/// events. It answers with the first refusal. Shutdown is not among its questions: a rebalance in
/// flight finishes, since a plan of which only the sales were sent is worse than either end of it.
public struct Gate: Hashable, Sendable {
  /// The reason of a halt in force, if there is one.
  public var halt: String?
  /// Why the wall clock is not to be trusted, if it is not.
  public var clockSuspicion: String?
  /// Now, by the wall clock.
  public var now: Instant
  /// After this nothing of the run may be sent.
  public var latestSend: Instant?
  /// The close of the candle that the order's price came from, and the oldest that it may be.
  public var priceTime: Instant
  /// The oldest that a price may be.
  public var maximumPriceAge: TimeSpan
  /// The instant against which the price's age counts: the run's slot.
  public var slot: Instant

  /// A gate of these facts.
  public init(
    halt: String?, clockSuspicion: String?, now: Instant, latestSend: Instant?,
    priceTime: Instant, maximumPriceAge: TimeSpan, slot: Instant
  ) {
    self.halt = halt
    self.clockSuspicion = clockSuspicion
    self.now = now
    self.latestSend = latestSend
    self.priceTime = priceTime
    self.maximumPriceAge = maximumPriceAge
    self.slot = slot
  }

  /// Why nothing may be sent; nil when the order may go.
  public var refusal: Refusal? {
    if let halt { return .halted(halt) }
    if let clockSuspicion { return .clock(clockSuspicion) }
    if let latestSend, now > latestSend { return .tooLate(latestSend) }
    if slot - priceTime > maximumPriceAge { return .stalePrice(priceTime) }
    return nil
  }

  /// Why an order may not be sent.
  public enum Refusal: Hashable, Sendable, CustomStringConvertible {
    /// Trading is halted, for a reason.
    case halted(String)
    /// The wall clock is not to be trusted.
    case clock(String)
    /// The run's deadline has passed.
    case tooLate(Instant)
    /// The price that the order was planned with is too old.
    case stalePrice(Instant)

    /// In words.
    public var description: String {
      switch self {
      case .halted(let reason): "halted: \(reason)"
      case .clock(let suspicion): "clock: \(suspicion)"
      case .tooLate(let deadline): "too late: the deadline was \(deadline)"
      case .stalePrice(let time): "stale price: the last candle closed at \(time)"
      }
    }
  }
}
