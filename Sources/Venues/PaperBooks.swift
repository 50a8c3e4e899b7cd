public import Domain

/// What the ledger knows of an account that trades on paper: all that the paper venue remembers.
public struct PaperBooks: Hashable, Sendable {
  /// What the account holds of each asset, positions and cash alike.
  public var balances: [String: Amount]
  /// The orders that stand open at the venue.
  public var open: [OpenOrder]

  /// An order that stands open, with what is booked of it.
  public struct OpenOrder: Hashable, Sendable {
    /// The order.
    public var order: Order
    /// How much is filled.
    public var filled: Amount
    /// What that was worth, in the quote asset.
    public var value: Amount
    /// The fees of its fills, in the quote asset.
    public var fees: Amount
    /// How many fills are booked.
    public var fills: Int64
    /// The time of the newest fill; nil before the first.
    public var lastFill: Instant?

    /// An open order of these parts.
    public init(
      order: Order, filled: Amount = .zero, value: Amount = .zero, fees: Amount = .zero,
      fills: Int64 = 0, lastFill: Instant? = nil
    ) {
      self.order = order
      self.filled = filled
      self.value = value
      self.fees = fees
      self.fills = fills
      self.lastFill = lastFill
    }
  }

  /// Books of these parts.
  public init(balances: [String: Amount], open: [OpenOrder] = []) {
    (self.balances, self.open) = (balances, open)
  }

  /// The books of an account's cash and positions: a position is so much of its base asset.
  ///
  /// - Throws: `AmountError.overflow`.
  public init(
    cash: [String: Amount], positions: [Position], open: [OpenOrder] = []
  ) throws(AmountError) {
    var balances = cash
    for position in positions {
      let base = position.symbol.base
      balances[base] = try (balances[base] ?? .zero).adding(position.quantity)
    }
    self.init(balances: balances, open: open)
  }
}
