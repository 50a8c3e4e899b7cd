public import Domain

/// An order that a venue took, at any point of its life there.
public struct VenueOrder: Hashable, Sendable {
  /// Where it is in its life.
  public enum State: String, CaseIterable, Hashable, Sendable {
    /// Some of it may still be filled.
    case open
    /// Filled whole.
    case filled
    /// Taken back by somebody.
    case cancelled
    /// Ended by its time in force, by the market or by the venue.
    case expired
  }

  /// The venue's own number of it.
  public var number: Int64
  /// Whose it is.
  public var account: String
  /// What was asked.
  public var ticket: OrderTicket
  /// When it came.
  public var placed: Instant
  /// When it last changed.
  public var updated: Instant
  /// Where it is in its life.
  public var state: State = .open
  /// Why it ended before it was filled whole.
  public var reason: Reason?
  /// How much is filled.
  public var filled: Quantity
  /// What that was worth, before fees, in the quote asset.
  public var value: Money
  /// The parts of its fee so far, before least, most and rounding, in the quote asset.
  var feeParts = Amount.zero
  /// What of the fee was charged so far, in the quote asset.
  var feeCharged = Amount.zero
  /// How many trades it had.
  var tradeCount: Int64 = 0
  /// The time up to whose candles it was matched.
  var matchedThrough: Instant
  /// The price of one unit of the third asset that pays fees, in the quote asset, when it was placed.
  var feePrice: Amount?
  /// What is locked for it, by asset.
  public internal(set) var reserved: [Money] = []

  init(
    number: Int64, account: String, ticket: OrderTicket, contract: Contract, placed: Instant
  ) {
    self.number = number
    self.account = account
    self.ticket = ticket
    self.placed = placed
    updated = placed
    matchedThrough = placed
    filled = .zero(contract.pair.base)
    value = .zero(contract.pair.quote)
  }

  /// The venue's own id as text.
  public var id: String { "\(number)" }

  /// What is not filled of it.
  public var remaining: Quantity {
    // Never more is filled than was asked, so this fits.
    Quantity(
      Amount(units: ticket.quantity.amount.units - filled.amount.units), ticket.quantity.asset)
  }

  /// Whether a print of a candle could be this order's: one that came after it, of a candle that it
  /// was not matched with before.
  func isEligible(_ print: Tape.Print, of bar: Bar) -> Bool {
    placed <= print.certainSince && bar.close > matchedThrough
  }
}
