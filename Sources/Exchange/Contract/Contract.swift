public import Domain

/// Something that a venue trades, with every rule that it publishes for it.
public struct Contract: Hashable, Sendable {
  /// The venue's name of it.
  public var id: ContractID
  /// What a person sees, and whose base and quote its quantities and prices are in.
  public var pair: Symbol
  /// Which prices are taken.
  public var prices: PriceGrid
  /// Which quantities are taken.
  public var quantities: QuantityGrid
  /// What an order may be worth.
  public var notional: NotionalBounds
  /// How far from the reference a limit may be; nil: anywhere.
  public var collar: PriceCollar?
  /// The calendar of its sessions by name; nil: it trades at all hours.
  public var calendar: String?
  /// What a trade costs.
  public var fees: FeeSchedule
  /// How long what a sale brings stays unsettled, and so cannot be spent.
  public var settlement: TimeSpan
  /// What may be done with it now.
  public var state: ContractState
  /// When it ends; nil: never.
  public var expiry: Instant?

  /// A contract of these rules, listed unless told otherwise.
  public init(
    id: ContractID, pair: Symbol, prices: PriceGrid, quantities: QuantityGrid,
    notional: NotionalBounds = NotionalBounds(), collar: PriceCollar? = nil,
    calendar: String? = nil, fees: FeeSchedule, settlement: TimeSpan = .zero,
    state: ContractState = .listed, expiry: Instant? = nil
  ) {
    self.id = id
    self.pair = pair
    self.prices = prices
    self.quantities = quantities
    self.notional = notional
    self.collar = collar
    self.calendar = calendar
    self.fees = fees
    self.settlement = settlement
    self.state = state
    self.expiry = expiry
  }

  /// The contract of an instrument, with every rule that its venue publishes.
  public init(_ instrument: Instrument, venue: String, fees: FeeSchedule) {
    self.init(
      id: ContractID(venue: venue, "\(instrument.symbol)"), pair: instrument.symbol,
      prices: PriceGrid(
        tick: instrument.tick, minimum: instrument.filters.minimumPrice,
        maximum: instrument.filters.maximumPrice),
      quantities: QuantityGrid(
        lot: instrument.lot, minimum: instrument.filters.minimumQuantity,
        maximum: instrument.filters.maximumQuantity, marketLot: instrument.filters.marketLot,
        marketMaximum: instrument.filters.marketMaximum),
      notional: NotionalBounds(
        minimum: instrument.minimumNotional, maximum: instrument.filters.maximumNotional,
        minimumAppliesToMarket: instrument.filters.minimumNotionalAppliesToMarket,
        maximumAppliesToMarket: instrument.filters.maximumNotionalAppliesToMarket),
      collar: Self.collar(instrument.filters), fees: fees,
      state: instrument.filters.haltedStatus == nil ? .listed : .halted)
  }

  /// A collar where both of its ends are published.
  private static func collar(_ filters: TradingFilters) -> PriceCollar? {
    guard let lowest = filters.lowestPriceFactor, let highest = filters.highestPriceFactor else {
      return nil
    }
    return PriceCollar(lowest: Rate(lowest), highest: Rate(highest))
  }

  /// A quantity of its base asset.
  public func quantity(_ amount: Amount) -> Quantity { Quantity(amount, pair.base) }

  /// A price of it.
  public func price(_ amount: Amount) -> Price { Price(amount, pair) }
}
