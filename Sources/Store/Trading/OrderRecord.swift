public import Domain

/// An order with what became of it.
public struct OrderRecord: Hashable, Sendable {
  /// The order.
  public var order: Order
  /// The plan that it belongs to.
  public var plan: Int64
  /// How much was filled, in the base asset.
  public var filled: Amount
  /// What that was worth, in the quote asset, before fees.
  public var value: Amount
  /// When it went out, or may have; nil when it never did.
  public var sent: Instant?
  /// Since when it is not known what became of it; nil when it is.
  public var doubted: Instant?
  /// When it was planned.
  public var created: Instant
  /// When it last changed.
  public var updated: Instant

  /// A record of these parts.
  public init(
    order: Order, plan: Int64, filled: Amount = .zero, value: Amount = .zero, sent: Instant? = nil,
    doubted: Instant? = nil, created: Instant, updated: Instant
  ) {
    self.order = order
    self.plan = plan
    self.filled = filled
    self.value = value
    self.sent = sent
    self.doubted = doubted
    self.created = created
    self.updated = updated
  }

  /// What is not filled of it.
  public var remaining: Amount {
    // Fills are refused beyond the quantity, so this neither overflows nor is negative.
    Amount(units: order.quantity.units - filled.units)
  }

  /// The average price of its fills, rounded to 10^-12; nil before the first.
  public var averagePrice: Amount? {
    get throws(AmountError) { filled == .zero ? nil : try value.divided(by: filled) }
  }

  /// The columns of a record, in its order.
  static let columns = """
    client_id, account, job, slot, symbol, leg, side, quantity, limit_price, state, venue_id, reason,
    plan, filled, value, sent, doubted, created, updated
    """

  init(_ row: inout RowReader) throws {
    order = Order(
      id: ClientOrderID(try row.text()),
      key: OrderKey(
        account: try row.text(), slot: try row.slot(), symbol: try row.symbol(), leg: row.int()),
      side: try row.value(), quantity: try row.amount(), limit: try row.amountIfAny(),
      state: try row.value(), venueID: try row.textIfAny(), reason: try row.textIfAny())
    plan = row.int64()
    filled = try row.amount()
    value = try row.amount()
    sent = row.instantIfAny()
    doubted = row.instantIfAny()
    created = row.instant()
    updated = row.instant()
  }
}
