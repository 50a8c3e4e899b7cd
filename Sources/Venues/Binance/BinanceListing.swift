import Domain

/// One symbol of `exchangeInfo`: its rules and whether it trades.
///
/// Source: github.com/binance/binance-spot-api-docs, `filters.md`. A zero switches a filter off.
struct BinanceListing {
  let instrument: Instrument
  let status: String
  /// Whether it trades now.
  var isTrading: Bool { status == "TRADING" }

  /// The finest price and quantity of the venue, where a filter is switched off with a zero.
  private static let finest = Amount(units: 10_000)
  /// The longest symbol that is read, in bytes: with all its filters and permissions some 10,000.
  static let maximumBytes = 256 << 10

  /// Reads an element of `symbols`; nil for a symbol of assets that cannot be written here.
  init?(_ row: JSONValue, venue: String) throws {
    guard let base = row["baseAsset"]?.string, let quote = row["quoteAsset"]?.string,
      let symbol = Symbol(base: base, quote: quote)
    else { return nil }
    let source = BinanceFilters(row, "\(venue) \(symbol)")
    var filters = TradingFilters()
    filters.minimumPrice = try source.amount("PRICE_FILTER", "minPrice")
    filters.maximumPrice = try source.amount("PRICE_FILTER", "maxPrice")
    filters.minimumQuantity = try source.amount("LOT_SIZE", "minQty")
    filters.maximumQuantity = try source.amount("LOT_SIZE", "maxQty")
    filters.marketLot = try source.amount("MARKET_LOT_SIZE", "stepSize")
    filters.marketMaximum = try source.amount("MARKET_LOT_SIZE", "maxQty")
    filters.maximumNotional = try source.amount("NOTIONAL", "maxNotional")
    filters.minimumNotionalAppliesToMarket =
      source.flag("NOTIONAL", "applyMinToMarket")
      ?? source.flag("MIN_NOTIONAL", "applyToMarket") ?? true
    filters.maximumNotionalAppliesToMarket = source.flag("NOTIONAL", "applyMaxToMarket") ?? true
    // Where the sides differ the stricter factor holds for both: nothing is sent that is refused.
    filters.lowestPriceFactor = try [
      source.amount("PERCENT_PRICE", "multiplierDown"),
      source.amount("PERCENT_PRICE_BY_SIDE", "bidMultiplierDown"),
      source.amount("PERCENT_PRICE_BY_SIDE", "askMultiplierDown"),
    ].compactMap { $0 }.max()
    filters.highestPriceFactor = try [
      source.amount("PERCENT_PRICE", "multiplierUp"),
      source.amount("PERCENT_PRICE_BY_SIDE", "bidMultiplierUp"),
      source.amount("PERCENT_PRICE_BY_SIDE", "askMultiplierUp"),
    ].compactMap { $0 }.min()
    filters.maximumOpenOrders = source.number("MAX_NUM_ORDERS", "maxNumOrders")
    filters.orderTypes = row["orderTypes"]?.array?.compactMap(\.string) ?? []
    status = row["status"]?.string ?? ""
    if status != "TRADING" { filters.haltedStatus = status }
    instrument = Instrument(
      symbol: symbol, tick: try source.amount("PRICE_FILTER", "tickSize") ?? Self.finest,
      lot: try source.amount("LOT_SIZE", "stepSize") ?? Self.finest,
      minimumNotional: try source.amount("NOTIONAL", "minNotional")
        ?? source.amount("MIN_NOTIONAL", "minNotional") ?? .zero,
      filters: filters)
  }
}

/// The filters of a symbol by type and field.
private struct BinanceFilters {
  private let filters: [JSONValue]
  private let subject: String

  init(_ row: JSONValue, _ subject: String) {
    filters = row["filters"]?.array ?? []
    self.subject = subject
  }

  private func value(_ type: String, _ field: String) -> JSONValue? {
    filters.first { $0["filterType"]?.string == type }?[field]
  }

  /// An amount above zero; nil where there is none.
  ///
  /// - Throws: `Fault` 65 for what is no amount. More than an amount can be is no bound at all.
  func amount(_ type: String, _ field: String) throws -> Amount? {
    guard let text = value(type, field)?.string else { return nil }
    guard let amount = Amount(text), !amount.isNegative else {
      if let number = Double(text), number > 1e15 { return nil }
      throw Fault(
        "read trading rules of", subject,
        cause: "\(field) of \(type) is \"\(text)\", which is no amount", exit: .data)
    }
    return amount > .zero ? amount : nil
  }

  func flag(_ type: String, _ field: String) -> Bool? { value(type, field)?.bool }

  func number(_ type: String, _ field: String) -> Int? {
    value(type, field)?.int.flatMap { $0 > 0 ? $0 : nil }
  }
}
