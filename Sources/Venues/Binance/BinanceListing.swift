import Domain

/// One symbol of `exchangeInfo`.
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
    let filters = row["filters"]?.array ?? []
    func amount(_ types: [String], _ field: String) throws -> Amount? {
      for filter in filters {
        guard let type = filter["filterType"]?.string, types.contains(type),
          let text = filter[field]?.string
        else { continue }
        guard let amount = Amount(text), !amount.isNegative else {
          throw Fault(
            "read trading rules of", "\(venue) \(symbol)",
            cause: "\(field) of \(type) is \"\(text)\", which is no amount", exit: .data)
        }
        return amount
      }
      return nil
    }
    let tick = try amount(["PRICE_FILTER"], "tickSize") ?? .zero
    let lot = try amount(["LOT_SIZE"], "stepSize") ?? .zero
    instrument = Instrument(
      symbol: symbol, tick: tick > .zero ? tick : Self.finest, lot: lot > .zero ? lot : Self.finest,
      minimumNotional: try amount(["NOTIONAL", "MIN_NOTIONAL"], "minNotional") ?? .zero)
    status = row["status"]?.string ?? ""
  }
}
