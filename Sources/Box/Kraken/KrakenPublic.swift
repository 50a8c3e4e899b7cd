import Domain
import Exchange

// What Kraken tells everybody.
extension KrakenSkin {
  /// The most rows of OHLC: older ones cannot be had.
  static let mostCandles = 720

  func publicAnswer(
    _ method: String, _ parameters: KrakenParameters
  ) throws(KrakenRefusal) -> JSONValue {
    switch method {
    case "Time":
      return .object([
        .init("unixtime", .number(floor.shownTime.seconds)),
        .init("rfc1123", .string(Self.rfc1123(floor.shownTime))),
      ])
    case "SystemStatus":
      let now = Instant(seconds: floor.core.now.seconds)
      return .object([
        .init("status", .string("online")), .init("timestamp", .string("\(now)")),
      ])
    case "Assets": return try assets(parameters)
    case "AssetPairs": return try assetPairs(parameters)
    case "Ticker": return try ticker(parameters)
    case "OHLC": return try candles(parameters)
    case "Depth": return try depth(parameters)
    case "Trades": return try trades(parameters)
    case "Spread": return try spread(parameters)
    default: throw .unknownMethod
    }
  }

  /// `Sun, 29 Nov 26 11:00:00 +0000`, as Kraken writes it.
  private static func rfc1123(_ time: Instant) -> String {
    let days = Int(time.seconds.flooringQuotient(86_400))
    let date = CivilDate(daysSinceEpoch: days)
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let clock = "\(Instant(seconds: time.seconds))".dropFirst(11).prefix(8)
    let day = date.day < 10 ? "0\(date.day)" : "\(date.day)"
    return "\(names[days % 7]), \(day) \(months[date.month - 1]) \(date.year % 100) \(clock) +0000"
  }

  private func assets(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    let all = Set(floor.listed.flatMap { [$0.instrument.symbol.base, $0.instrument.symbol.quote] })
    let asked = Set(parameters.list("asset"))
    let found = all.filter { asset in
      asked.isEmpty || asked.contains(KrakenNames.id(asset))
        || asked.contains(KrakenNames.altname(asset))
    }
    guard asked.isEmpty || !found.isEmpty else { throw KrakenRefusal("EQuery:Unknown asset") }
    return .object(
      found.sorted().map { asset in
        .init(
          KrakenNames.id(asset),
          .object([
            .init("aclass", .string("currency")),
            .init("altname", .string(KrakenNames.altname(asset))),
            .init("decimals", .number(Self.assetPlaces)), .init("display_decimals", .number(5)),
            .init("status", .string("enabled")),
          ]))
      })
  }

  /// The contracts that `pair` names, or all.
  private func asked(
    _ parameters: KrakenParameters
  ) throws(KrakenRefusal) -> [TradingFloor.Listed] {
    let names = parameters.list("pair")
    guard !names.isEmpty else { return floor.listed }
    var found: [TradingFloor.Listed] = []
    for name in names { found.append(try contract(name)) }
    return found
  }

  private func assetPairs(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    .object(
      try asked(parameters).map { one in
        let rules = one.instrument
        let names = KrakenNames(rules.symbol)
        let isOnline = floor.core.contracts[one.id]?.state == .listed
        func fees(_ rate: Rate) -> JSONValue {
          .array([.array([.number(0), .number(rate.amount.double * 100)])])
        }
        return .init(
          names.id,
          .object([
            .init("altname", .string(names.altname)), .init("wsname", .string(names.wsname)),
            .init("aclass_base", .string("currency")),
            .init("base", .string(KrakenNames.id(rules.symbol.base))),
            .init("aclass_quote", .string("currency")),
            .init("quote", .string(KrakenNames.id(rules.symbol.quote))),
            .init("lot", .string("unit")), .init("cost_decimals", .number(Self.assetPlaces)),
            .init("pair_decimals", .number(rules.tick.decimals)),
            .init("lot_decimals", .number(8)), .init("lot_multiplier", .number(1)),
            .init("leverage_buy", .array([])), .init("leverage_sell", .array([])),
            .init("fees", fees(Self.taker)), .init("fees_maker", fees(Self.maker)),
            .init("fee_volume_currency", .string("ZUSD")), .init("margin_call", .number(80)),
            .init("margin_stop", .number(40)),
            .init("ordermin", .string("\(rules.filters.minimumQuantity ?? rules.lot)")),
            .init("costmin", .string("\(rules.minimumNotional)")),
            .init("tick_size", .string("\(rules.tick)")),
            .init("status", .string(isOnline ? "online" : "cancel_only")),
          ]))
      })
  }

  private func ticker(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    .object(try asked(parameters).map { .init($0.id.text, ticker(of: $0)) })
  }

  private func ticker(of one: TradingFloor.Listed) -> JSONValue {
    let view = floor.view(one)
    let book = floor.book(one, levels: 1)
    let midnight = KlineInterval.span(.days(1)).open(at: floor.core.now)
    guard let day = DayFigures(view), let today = DayFigures(view, since: midnight) else {
      return .object([])
    }
    func best(_ level: MarketView.Level?) -> JSONValue {
      let size = level?.size ?? .zero
      return .array([
        .string(price(level?.price ?? .zero, one)),
        .string(size.formatted(places: 0, grouping: false)),
        .string(size.formatted(places: 3, grouping: false)),
      ])
    }
    func pair(_ a: Double, _ b: Double) -> JSONValue {
      .array([.string(price(a, one)), .string(price(b, one))])
    }
    func mean(_ day: DayFigures) -> Double { day.volume > 0 ? day.value / day.volume : day.last }
    return .object([
      .init("a", best(book.asks.first)), .init("b", best(book.bids.first)),
      .init(
        "c", .array([.string(price(day.last, one)), .string(FixedText.text(day.lastSize))])),
      .init(
        "v", .array([.string(FixedText.text(today.volume)), .string(FixedText.text(day.volume))])),
      .init("p", pair(mean(today), mean(day))),
      .init("t", .array([.number(today.count), .number(day.count)])),
      .init("l", pair(today.low, day.low)), .init("h", pair(today.high, day.high)),
      .init("o", .string(price(today.open, one))),
    ])
  }

  private func candles(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    let one = try contract(try parameters.text("pair"))
    let minutes = try parameters.number("interval") ?? 1
    guard [1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600].contains(minutes) else {
      throw .invalid("interval")
    }
    let interval = KlineInterval.span(.minutes(minutes))
    let open = interval.open(at: floor.core.now)
    var from = interval.back(Self.mostCandles - 1, from: open)
    // What is newer than `since`, and never older than the newest rows.
    if let since = try parameters.time("since") { from = max(from, since + .milliseconds(1)) }
    let candles = floor.view(one).candles(
      interval, from: max(from, one.series.begins), through: floor.core.now)
    let rows = candles.map { candle -> JSONValue in
      let mean = candle.volume > 0 ? candle.value / candle.volume : candle.close
      let count = minutes * MarketView.printsPerMinute
      return .array(
        [.number(candle.time.seconds)]
          + [candle.open, candle.high, candle.low, candle.close, mean]
          .map { .string(price($0, one)) }
          + [
            .string(FixedText.text(candle.volume)), .number(candle.volume > 0 ? count : 0),
          ])
    }
    let last = candles.last { $0.time < open }?.time ?? open
    return .object([.init(one.id.text, .array(rows)), .init("last", .number(last.seconds))])
  }

  private func depth(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    let one = try contract(try parameters.text("pair"))
    let count = try parameters.number("count") ?? 100
    guard (1...500).contains(count) else { throw .invalid("count") }
    let book = floor.book(one, levels: Int(count))
    func rows(_ levels: [MarketView.Level]) -> JSONValue {
      .array(
        levels.map {
          .array([
            .string(price($0.price, one)),
            .string($0.size.formatted(places: 3, grouping: false)),
            .number(floor.core.now.seconds),
          ])
        })
    }
    return .object([
      .init(
        one.id.text, .object([.init("asks", rows(book.asks)), .init("bids", rows(book.bids))]))
    ])
  }

  private func trades(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    let one = try contract(try parameters.text("pair"))
    let count = Int(min(max(try parameters.number("count") ?? 1000, 1), 1000))
    let view = floor.view(one)
    var prints: [MarketView.Print]
    if let text = parameters["since"], let since = Self.nanoseconds(text) {
      let from = since + .milliseconds(1)
      prints = Array(
        view.prints(from: from, before: min(floor.core.now, from + .minutes(Int64(count))))
          .prefix(count))
    } else {
      prints = view.newestPrints(count)
    }
    let rows = prints.map { print -> JSONValue in
      .array([
        .string(price(print.price, one)), .string(FixedText.text(print.size)),
        Self.seconds(print.time), .string(print.isSale ? "s" : "b"), .string("l"), .string(""),
        .number(print.id),
      ])
    }
    let last = (prints.last?.time ?? floor.core.now).milliseconds
    return .object([
      .init(one.id.text, .array(rows)), .init("last", .string("\(last)000000")),
    ])
  }

  /// A time in nanoseconds, or in seconds, which are told by their size.
  private static func nanoseconds(_ text: String) -> Instant? {
    guard let amount = Amount(text) else { return nil }
    let whole = amount.units / 1_000_000_000_000
    let milliseconds =
      whole > 1_000_000_000_000_000 ? whole / 1_000_000 : amount.units / 1_000_000_000
    return Instant(told: Int64(clamping: milliseconds))
  }

  private func spread(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    let one = try contract(try parameters.text("pair"))
    let half = TradingFloor.spread.amount.double / 2
    let since = try parameters.time("since")
    let rows = floor.view(one).newestPrints(200).filter { $0.time >= since ?? .epoch }
      .map { print -> JSONValue in
        .array([
          .number(print.time.seconds), .string(price(print.price * (1 - half), one)),
          .string(price(print.price * (1 + half), one)),
        ])
      }
    return .object([
      .init(one.id.text, .array(rows)), .init("last", .number(floor.core.now.seconds)),
    ])
  }

  /// Places of balances and costs.
  static let assetPlaces = 10

  func price(_ amount: Amount, _ one: TradingFloor.Listed) -> String {
    FixedText.text(amount, places: one.instrument.tick.decimals)
  }

  func price(_ value: Double, _ one: TradingFloor.Listed) -> String {
    FixedText.text(value, places: one.instrument.tick.decimals)
  }

  /// A time as Kraken writes it: seconds with a fraction.
  static func seconds(_ time: Instant) -> JSONValue {
    .number(FixedText.text(Amount(units: Int128(time.milliseconds) * 1_000_000_000), places: 4))
  }
}
