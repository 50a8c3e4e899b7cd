import Domain
import Exchange

// The tickers of Binance: of one symbol, of some, or of all.
extension BinanceSkin {
  @Sendable static func dayTickerWeight(_ parameters: BinanceParameters) -> Int {
    if parameters.has("symbol") { return 2 }
    guard let text = parameters["symbols"] else { return 80 }
    let count = text.count { $0 == "," } + 1
    return count <= 20 ? 2 : count <= 100 ? 40 : 80
  }

  /// One row for `symbol`, else a list of rows.
  private func tickers(
    _ parameters: BinanceParameters, _ row: (TradingFloor.Listed) -> [JSONValue.Member]
  ) throws(BinanceRefusal) -> WireReply {
    let names = try parameters.symbols()
    if parameters.has("symbol") {
      guard names == nil else { throw .badCombination }
      guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
      if let asked = parameters["symbolStatus"], asked != status(of: one) {
        throw BinanceRefusal(
          -1220, "The symbol's status does not match the requested symbolStatus.")
      }
      return WireReply(.object(row(one)))
    }
    let asked = parameters["symbolStatus"]
    let rows = try listed(names).filter { asked == nil || status(of: $0) == asked }
    return WireReply(.array(rows.map { .object(row($0)) }))
  }

  func priceTickers(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    try tickers(parameters) { one in
      [
        .init("symbol", .string(one.id.text)),
        .init("price", .string(FixedText.text(floor.view(one).lastPrice ?? 0))),
      ]
    }
  }

  func bookTickers(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    try tickers(parameters) { one in [.init("symbol", .string(one.id.text))] + best(one) }
  }

  private func best(_ one: TradingFloor.Listed) -> [JSONValue.Member] {
    let book = floor.book(one, levels: 1)
    func text(_ amount: Amount?) -> JSONValue { .string(FixedText.text(amount ?? .zero)) }
    return [
      .init("bidPrice", text(book.bids.first?.price)), .init("bidQty", text(book.bids.first?.size)),
      .init("askPrice", text(book.asks.first?.price)), .init("askQty", text(book.asks.first?.size)),
    ]
  }

  func dayTickers(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    let type = parameters["type"] ?? "FULL"
    guard type == "FULL" || type == "MINI" else {
      throw BinanceRefusal(-1139, "Invalid ticker type.")
    }
    return try tickers(parameters) { one in
      guard let day = DayFigures(floor.view(one)) else {
        return [.init("symbol", .string(one.id.text))]
      }
      return self.row(one, day, isFull: type == "FULL")
    }
  }

  /// Four for each symbol, two hundred at most.
  @Sendable static func windowWeight(_ parameters: BinanceParameters) -> Int {
    guard let text = parameters["symbols"] else { return 4 }
    return min(200, 4 * (text.count { $0 == "," } + 1))
  }

  /// Figures since midnight, or of a window that ends now: `windowSize` 1m to 59m, 1h to 23h, 1d to 7d.
  func windowTickers(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    guard parameters.has("symbol") || parameters.has("symbols") else {
      throw .missing(oneOf: "symbol", "symbols")
    }
    let type = parameters["type"] ?? "FULL"
    guard type == "FULL" || type == "MINI" else {
      throw BinanceRefusal(-1139, "Invalid ticker type.")
    }
    let minute = KlineInterval.span(.minutes(1)).open(at: floor.core.now)
    var since = KlineInterval.span(.days(1)).open(
      at: minute, offset: try Self.offset(parameters))
    if let text = parameters["windowSize"] {
      guard let span = TimeSpan(text), span <= .days(7) else { throw .invalid("windowSize") }
      since = minute - span
    }
    return try tickers(parameters) { one in
      guard let figures = DayFigures(floor.view(one), since: since) else {
        return [.init("symbol", .string(one.id.text))]
      }
      let left = ["prevClosePrice", "lastQty", "bidPrice", "bidQty", "askPrice", "askQty"]
      return self.row(one, figures, isFull: type == "FULL").filter { !left.contains($0.key) }
    }
  }

  private func row(
    _ one: TradingFloor.Listed, _ day: DayFigures, isFull: Bool
  ) -> [JSONValue.Member] {
    func text(_ value: Double, places: Int = 8) -> JSONValue {
      .string(FixedText.text(value, places: places))
    }
    let prices: [JSONValue.Member] = [
      .init("openPrice", text(day.open)), .init("highPrice", text(day.high)),
      .init("lowPrice", text(day.low)),
    ]
    let amounts: [JSONValue.Member] = [
      .init("volume", text(day.volume)), .init("quoteVolume", text(day.value)),
      .init("openTime", .number(day.start.milliseconds)),
      .init("closeTime", .number(day.end.milliseconds)), .init("firstId", .number(day.firstID)),
      .init("lastId", .number(day.lastID)), .init("count", .number(day.count)),
    ]
    let name = JSONValue.Member("symbol", .string(one.id.text))
    let last = JSONValue.Member("lastPrice", text(day.last))
    guard isFull else { return [name] + prices + [last] + amounts }
    let change: [JSONValue.Member] = [
      .init("priceChange", text(day.last - day.open)),
      .init("priceChangePercent", text((day.last / day.open - 1) * 100, places: 3)),
      .init(
        "weightedAvgPrice", text(day.volume > 0 ? day.value / day.volume : day.last)),
      .init("prevClosePrice", text(day.open)), last, .init("lastQty", text(day.lastSize)),
    ]
    return [name] + change + best(one) + prices + amounts
  }
}
