import Domain
import Exchange

// What Binance tells everybody of a market.
extension BinanceSkin {
  /// The end of what may be asked for, in milliseconds.
  private static let longestRows = 1000

  static let intervals: [String: KlineInterval] = {
    var intervals: [String: KlineInterval] = ["1M": .month, "3d": .span(.days(3))]
    for name in ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w"] {
      if let span = TimeSpan(name) { intervals[name] = .span(span) }
    }
    return intervals
  }()

  private func contract(
    _ parameters: BinanceParameters
  ) throws(BinanceRefusal) -> TradingFloor.Listed {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    return one
  }

  func klines(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    _ = try parameters.symbol()
    let name = try parameters.text("interval")
    let limit = try parameters.limit(500, most: Self.longestRows)
    let (start, end) = (try parameters.time("startTime"), try parameters.time("endTime"))
    let offset = try Self.offset(parameters)
    let one = try contract(parameters)
    guard let interval = Self.intervals[name] else {
      throw BinanceRefusal(-1120, "Invalid interval.")
    }
    let view = floor.view(one)
    let last = min(end ?? .latest, floor.core.now)
    let from: Instant
    var through = last
    if let start {
      from = max(start, one.series.begins)
      // No more than were asked for, plus what a gap leaves out, is looked at.
      if case .span(let span) = interval, end == nil || start <= last {
        through = min(last, interval.open(at: from, offset: offset) + span * Int64(limit + 1))
      }
    } else {
      from = max(
        interval.back(limit, from: interval.open(at: last, offset: offset)), one.series.begins)
    }
    var candles =
      from <= through
      ? view.candles(interval, offset: offset, from: from, through: through) : []
    // Gaps make a page shorter than it may be: go on until it is full or all was seen.
    while start != nil, candles.count < limit, through < last,
      case .span(let span) = interval
    {
      let next = through + .milliseconds(1)
      through = min(last, next + span * Int64(limit))
      candles += view.candles(interval, offset: offset, from: next, through: through)
    }
    let rows = start == nil ? candles.suffix(limit) : candles.prefix(limit)
    return WireReply(Self.bytes(Array(rows), interval, offset))
  }

  /// How far days begin before those of UTC.
  static func offset(
    _ parameters: BinanceParameters
  ) throws(BinanceRefusal) -> TimeSpan {
    guard let text = parameters["timeZone"] else { return .zero }
    let sign: Int64 = text.hasPrefix("-") ? -1 : 1
    let parts = text.drop { $0 == "-" || $0 == "+" }.split(
      separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let hours = Int64(parts[0]),
      let minutes = parts.count == 2 ? Int64(parts[1]) : 0, (0..<60).contains(minutes)
    else { throw .invalid("timeZone") }
    let offset = TimeSpan.minutes(sign * (hours * 60 + minutes))
    guard (-720...840).contains(offset.milliseconds / 60_000) else { throw .invalid("timeZone") }
    return offset
  }

  /// Rows of twelve fields, written by hand since they are most of what is ever asked for. Takers are
  /// taken to have bought half of everything.
  private static func bytes(
    _ candles: [Candle], _ interval: KlineInterval, _ offset: TimeSpan
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(candles.count * 180 + 2)
    bytes.append(UInt8(ascii: "["))
    let quote = UInt8(ascii: "\"")
    let comma = UInt8(ascii: ",")
    func number(_ value: Double) {
      bytes.append(quote)
      FixedText.append(value, to: &bytes)
      bytes += [quote, comma]
    }
    for (index, candle) in candles.enumerated() {
      if index > 0 { bytes.append(comma) }
      let close = interval.close(of: candle.time, offset: offset)
      bytes.append(UInt8(ascii: "["))
      FixedText.append(candle.time.milliseconds, to: &bytes)
      bytes.append(comma)
      number(candle.open)
      number(candle.high)
      number(candle.low)
      number(candle.close)
      number(candle.volume)
      FixedText.append(close.milliseconds - 1, to: &bytes)
      bytes.append(comma)
      number(candle.value)
      let count = (close - candle.time).milliseconds / 60_000 * MarketView.printsPerMinute
      FixedText.append(candle.volume > 0 ? count : 0, to: &bytes)
      bytes.append(comma)
      number(candle.volume / 2)
      number(candle.value / 2)
      bytes += Array("\"0\"]".utf8)
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }

  @Sendable static func depthWeight(_ parameters: BinanceParameters) -> Int {
    let limit = parameters["limit"].flatMap { Int($0) } ?? 100
    return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250
  }

  func depth(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    let limit = try parameters.limit(100, most: 5000)
    let one = try contract(parameters)
    let book = floor.book(one, levels: limit)
    func rows(_ levels: [MarketView.Level]) -> JSONValue {
      .array(
        levels.map {
          .array([.string(FixedText.text($0.price)), .string(FixedText.text($0.size))])
        })
    }
    return WireReply(
      .object([
        .init("lastUpdateId", .number(floor.core.now.milliseconds)),
        .init("bids", rows(book.bids)), .init("asks", rows(book.asks)),
      ]))
  }

  func trades(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    let limit = try parameters.limit(500, most: Self.longestRows)
    let from = try parameters.number("fromId")
    let view = floor.view(try contract(parameters))
    let prints = from.map { Self.prints(view, fromID: $0, limit) } ?? view.newestPrints(limit)
    return WireReply(
      .array(
        prints.map { print in
          .object([
            .init("id", .number(print.id)), .init("price", .string(FixedText.text(print.price))),
            .init("qty", .string(FixedText.text(print.size))),
            .init("quoteQty", .string(FixedText.text(print.price * print.size))),
            .init("time", .number(print.time.milliseconds)),
            .init("isBuyerMaker", .bool(print.isSale)), .init("isBestMatch", .bool(true)),
          ])
        }))
  }

  func aggregateTrades(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    let limit = try parameters.limit(500, most: Self.longestRows)
    let (start, end) = (try parameters.time("startTime"), try parameters.time("endTime"))
    let from = try parameters.number("fromId")
    let view = floor.view(try contract(parameters))
    guard from == nil || start == nil && end == nil else { throw .badCombination }
    var prints: [MarketView.Print]
    if let from {
      prints = Self.prints(view, fromID: from, limit)
    } else if let start {
      let stop = min(
        (end ?? .latest) + .milliseconds(1), start + .minutes(Int64(limit) / 4 + 1))
      prints = Array(view.prints(from: start, before: stop).prefix(limit))
    } else if let end {
      let stop = min(end, floor.core.now) + .milliseconds(1)
      prints = view.prints(from: stop - .minutes(Int64(limit) / 4 + 1), before: stop)
        .suffix(limit)
    } else {
      prints = view.newestPrints(limit)
    }
    return WireReply(
      .array(
        prints.map { print in
          .object([
            .init("a", .number(print.id)), .init("p", .string(FixedText.text(print.price))),
            .init("q", .string(FixedText.text(print.size))), .init("f", .number(print.id)),
            .init("l", .number(print.id)), .init("T", .number(print.time.milliseconds)),
            .init("m", .bool(print.isSale)), .init("M", .bool(true)),
          ])
        }))
  }

  /// The trades from a number on.
  private static func prints(
    _ view: MarketView, fromID: Int64, _ limit: Int
  ) -> [MarketView.Print] {
    let newest = view.now.milliseconds / 60_000 * MarketView.printsPerMinute
    guard fromID < newest else { return [] }
    let start = Instant(milliseconds: fromID / MarketView.printsPerMinute * 60_000)
    let prints = view.prints(from: start, before: start + .minutes(Int64(limit) / 4 + 2))
    return Array(prints.filter { $0.id >= fromID }.prefix(limit))
  }

  func averagePrice(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    let view = floor.view(try contract(parameters))
    let prints = view.prints(from: floor.core.now - .minutes(6), before: floor.core.now)
    let size = prints.reduce(0) { $0 + $1.size }
    let value = prints.reduce(0) { $0 + $1.size * $1.price }
    let price = size > 0 ? value / size : view.lastPrice ?? 0
    return WireReply(
      .object([
        .init("mins", .number(5)), .init("price", .string(FixedText.text(price))),
        .init("closeTime", .number((prints.last?.time ?? floor.core.now).milliseconds)),
      ]))
  }
}
