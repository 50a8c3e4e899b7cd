/// The life of an order:
/// `planned -> intent -> sent | unknown -> open -> filled | cancelled | rejected | expired`.
///
/// An order that is partly filled is `open` with a filled quantity: how much of it is filled is a fact
/// of its own, and is not kept twice. A state is a claim about the venue, so every arrow is here that a
/// venue can cause, also those that our own records did not expect: an answer that was lost, a trade
/// that came in while we cancelled, an order that ended by itself between two looks.
public enum OrderState: String, CaseIterable, Sendable, CustomStringConvertible {
  /// Part of a committed plan; nothing says yet that it will be sent.
  case planned
  /// Committed to be sent; whether it was is known only to the venue if the process dies now.
  case intent
  /// It went out, and the venue has it; how far it is with it is not known yet.
  case sent
  /// A doubt on record: it may or may not have reached the venue, or its cancel may or may not.
  case unknown
  /// Working at the venue.
  case open
  /// Final: filled whole.
  case filled
  /// Final: cancelled, perhaps after a part was filled.
  case cancelled
  /// Final: refused by the venue or by the gate.
  case rejected
  /// Final: never sent since its run's deadline passed, or ended by the venue at its time.
  case expired

  /// Whether no order in this state is expected to change again. A venue may still tell of a trade of
  /// such an order: the trade is booked, and only `filled` may follow.
  public var isFinal: Bool {
    switch self {
    case .filled, .cancelled, .rejected, .expired: true
    case .planned, .intent, .sent, .unknown, .open: false
    }
  }

  /// Whether some of the order may still be filled: it counts against targets.
  public var isWorking: Bool {
    self == .intent || self == .sent || self == .unknown || self == .open
  }

  /// Whether an order in this state may pass to `next`.
  public func mayBecome(_ next: OrderState) -> Bool {
    Self.followers[self]?.contains(next) ?? false
  }

  private static let followers: [OrderState: Set<OrderState>] = [
    // The gate or the deadline may end it before it is sent; a new plan may take its place.
    .planned: [.intent, .rejected, .expired, .cancelled],
    // Planned again: it was certainly not sent. All else the venue may answer, at once or on look-up.
    .intent: [.planned, .sent, .unknown, .open, .filled, .cancelled, .rejected, .expired],
    // Pushed answers may be overtaken by a lost connection.
    .sent: [.unknown, .open, .filled, .cancelled, .rejected, .expired],
    // Planned again: its absence was proved. Sent: it was seen, without more.
    .unknown: [.planned, .sent, .open, .filled, .cancelled, .rejected, .expired],
    // Unknown: the answer to its cancel was lost. Rejected: some venues refuse after they accepted.
    .open: [.unknown, .filled, .cancelled, .rejected, .expired],
    // The last trade of an order may be told after its end.
    .cancelled: [.filled],
    .expired: [.filled],
    .rejected: [.filled],
  ]

  /// The text in the database and on the screen.
  public var description: String { rawValue }
}
