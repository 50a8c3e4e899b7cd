/// The rules of an instrument beyond tick, lot and least notional, as far as its venue publishes them;
/// nil: no such rule, or not known.
public struct TradingFilters: Hashable, Sendable {
  /// The lowest limit price.
  public var minimumPrice: Amount?
  /// The highest limit price.
  public var maximumPrice: Amount?
  /// The least quantity of an order.
  public var minimumQuantity: Amount?
  /// The most of an order.
  public var maximumQuantity: Amount?
  /// The lot of market orders.
  public var marketLot: Amount?
  /// The most of a market order.
  public var marketMaximum: Amount?
  /// The most that an order may be worth.
  public var maximumNotional: Amount?
  /// Whether the least notional holds for market orders.
  public var minimumNotionalAppliesToMarket = true
  /// Whether the most holds for market orders.
  public var maximumNotionalAppliesToMarket = true
  /// The lowest limit, as a factor of the reference price.
  public var lowestPriceFactor: Amount?
  /// The highest limit, as a factor of the reference price.
  public var highestPriceFactor: Amount?
  /// How many orders may be open at once.
  public var maximumOpenOrders: Int?
  /// The order types that are taken, in the venue's words; empty: not known.
  public var orderTypes: [String] = []
  /// The venue's word for why it does not trade now; nil: it trades.
  public var haltedStatus: String?

  /// No rules.
  public init() {}
}

extension TradingFilters {
  private static var amounts: [(name: String, path: WritableKeyPath<TradingFilters, Amount?>)] {
    [
      ("minimum-price", \.minimumPrice), ("maximum-price", \.maximumPrice),
      ("minimum-quantity", \.minimumQuantity), ("maximum-quantity", \.maximumQuantity),
      ("market-lot", \.marketLot), ("market-maximum", \.marketMaximum),
      ("maximum-notional", \.maximumNotional), ("lowest-price-factor", \.lowestPriceFactor),
      ("highest-price-factor", \.highestPriceFactor),
    ]
  }

  /// The rules as JSON, those that there are; for the database.
  public var json: JSONValue {
    var members: [JSONValue.Member] = Self.amounts.compactMap { name, path in
      self[keyPath: path].map { .init(name, .string("\($0)")) }
    }
    if !minimumNotionalAppliesToMarket { members.append(.init("minimum-not-market", .bool(true))) }
    if !maximumNotionalAppliesToMarket { members.append(.init("maximum-not-market", .bool(true))) }
    if let maximumOpenOrders { members.append(.init("open-orders", .number(maximumOpenOrders))) }
    if !orderTypes.isEmpty {
      members.append(.init("order-types", .array(orderTypes.map { .string($0) })))
    }
    if let haltedStatus { members.append(.init("halted", .string(haltedStatus))) }
    return .object(members)
  }

  /// Reads what `json` wrote; nil where a rule is no amount.
  public init?(_ json: JSONValue) {
    for (name, path) in Self.amounts {
      guard let value = json[name] else { continue }
      guard let amount = value.string.flatMap({ Amount($0) }) else { return nil }
      self[keyPath: path] = amount
    }
    minimumNotionalAppliesToMarket = json["minimum-not-market"]?.bool != true
    maximumNotionalAppliesToMarket = json["maximum-not-market"]?.bool != true
    maximumOpenOrders = json["open-orders"]?.int
    orderTypes = json["order-types"]?.array?.compactMap(\.string) ?? []
    haltedStatus = json["halted"]?.string
  }
}
