import Domain
import Exchange

/// What the exchange shows of one contract's market at a time: its book, its newest trades, its day.
struct MarketView {
  /// One price of the book with what stands there.
  struct Level: Hashable {
    var price: Amount
    var size: Amount
  }

  /// A trade of others.
  struct Print: Hashable {
    /// Growing by one from trade to trade of the contract: minutes since 1970, four of each.
    var id: Int64
    var price: Double
    var size: Double
    var time: Instant
    /// Whether the price fell to it, so that a sale met a resting purchase.
    var isSale: Bool
  }

  let listed: TradingFloor.Listed
  let now: Instant

  /// Trades of each minute.
  static let printsPerMinute: Int64 = 4

  /// The closed candles of an interval and the one that is open, opening from a time on and at most at
  /// another.
  func candles(
    _ interval: KlineInterval, offset: TimeSpan = .zero, from: Instant, through: Instant
  ) -> [Candle] {
    let open = interval.open(at: now, offset: offset)
    let end = min(through + .milliseconds(1), open)
    var candles =
      from < end
      ? listed.series.candles(interval, offset: offset, from: from, before: end) : []
    guard from <= open, open <= through else { return candles }
    // What of the open candle has happened: its closed minutes.
    let minute = KlineInterval.span(.minutes(1)).open(at: now)
    var newest: Candle?
    if open < minute {
      for one in listed.series.candles(.minutes(1), from: open, before: minute) {
        if newest == nil { newest = one } else { newest?.add(one) }
      }
    }
    if var newest {
      newest.time = open
      candles.append(newest)
    } else if let price = lastPrice {
      candles.append(
        Candle(time: open, open: price, high: price, low: price, close: price, volume: 0))
    }
    return candles
  }

  /// The last price.
  var lastPrice: Double? {
    let minute = KlineInterval.span(.minutes(1)).open(at: now)
    for back in [TimeSpan.minutes(1), .hours(1), .days(7), .days(60)] {
      let last = listed.series.candles(.minutes(1), from: minute - back, before: minute).last
      if let last { return last.close }
    }
    return nil
  }

  /// The trades of the closed minutes of a span of time, in order.
  func prints(from: Instant, before: Instant) -> [Print] {
    let minute = KlineInterval.span(.minutes(1)).open(at: now)
    let start = KlineInterval.span(.minutes(1)).open(at: from)
    let minutes = listed.series.candles(.minutes(1), from: start, before: min(before, minute))
    return minutes.flatMap(Self.prints).filter { $0.time >= from && $0.time < before }
  }

  private static func prints(of candle: Candle) -> [Print] {
    let first = candle.time.milliseconds / 60_000 * printsPerMinute
    let isRising = candle.close >= candle.open
    let prices = [
      candle.open, isRising ? candle.low : candle.high, isRising ? candle.high : candle.low,
      candle.close,
    ]
    let part = (candle.volume / 4 * 1e8).rounded(.down) / 1e8
    return prices.enumerated().map { index, price in
      Print(
        id: first + Int64(index), price: price, size: index == 3 ? candle.volume - 3 * part : part,
        time: candle.time + .milliseconds([0, 20_000, 40_000, 59_999][index]),
        isSale: index > 0 ? price < prices[index - 1] : !isRising)
    }
  }

  /// The newest trades, in order.
  func newestPrints(_ count: Int) -> [Print] {
    let minutes = Int64(count) / Self.printsPerMinute + 1
    var found: [Print] = []
    // A market that was closed lately is asked further back.
    for factor: Int64 in [1, 60, 1440] where found.count < count {
      found = prints(from: now - .minutes(minutes * factor + 1), before: now)
    }
    return found.suffix(count)
  }
}

/// What happened in the last 24 hours.
struct DayFigures: Hashable {
  var open: Double
  var high: Double
  var low: Double
  var last: Double
  var lastSize: Double
  var volume: Double
  var value: Double
  var start: Instant
  var end: Instant
  var firstID: Int64
  var lastID: Int64
  var count: Int64

  /// The figures of the 24 hours before now, or of the time since another.
  init?(_ view: MarketView, since: Instant? = nil) {
    let minute = KlineInterval.span(.minutes(1)).open(at: view.now)
    start = since ?? minute - .days(1)
    end = view.now
    let grain =
      view.listed.series.grains.first { $0 <= .minutes(15) } ?? .minutes(1)
    let candles = view.listed.series.candles(grain, from: start, before: minute)
    // A share that was not traded for a day has its last price and no volume.
    guard let first = candles.first, let newest = candles.last else {
      guard let price = view.lastPrice else { return nil }
      (open, high, low, last, lastSize, volume, value) = (price, price, price, price, 0, 0, 0)
      (firstID, lastID, count) = (-1, -1, 0)
      return
    }
    open = first.open
    high = candles.reduce(0) { max($0, $1.high) }
    low = candles.reduce(.infinity) { min($0, $1.low) }
    last = view.lastPrice ?? newest.close
    volume = candles.reduce(0) { $0 + $1.volume }
    value = candles.reduce(0) { $0 + $1.value }
    let perMinute = MarketView.printsPerMinute
    count = Int64(candles.count) * grain.milliseconds / 60_000 * perMinute
    lastID = minute.milliseconds / 60_000 * perMinute - 1
    firstID = lastID - count + 1
    lastSize = newest.volume / Double(grain.milliseconds / 60_000 * perMinute)
  }
}

extension Candle {
  /// What its trades were worth, as far as four prices tell: the mean of them times the volume.
  var value: Double { (open + high + low + close) / 4 * volume }
}

extension TradingFloor {
  /// The market of a contract as it stands now.
  func view(_ listed: Listed) -> MarketView { MarketView(listed: listed, now: core.now) }

  /// The book of a contract: what the market quotes, with a step of the spread between its levels, and
  /// the orders that rest at the exchange. Best prices first.
  func book(
    _ listed: Listed, levels: Int
  ) -> (bids: [MarketView.Level], asks: [MarketView.Level]) {
    guard let quote = core.quote(listed.id), quote.bid > .zero else { return ([], []) }
    do throws(AmountError) {
      return (
        try side(.buy, listed, quote.bid, quote.size ?? .zero, levels),
        try side(.sell, listed, quote.ask, quote.size ?? .zero, levels)
      )
    } catch {
      return ([], [])
    }
  }

  private func side(
    _ side: Side, _ listed: Listed, _ best: Amount, _ size: Amount, _ count: Int
  ) throws(AmountError) -> [MarketView.Level] {
    let (tick, lot) = (listed.instrument.tick, listed.instrument.lot)
    let step = max(
      tick,
      try best.multiplied(by: Self.spread.amount).rounded(toMultipleOf: tick, .down))
    var sizes: [Amount: Amount] = [:]
    for level in 0..<count {
      let distance = try step.multiplied(by: Amount(level))
      let price =
        side == .buy ? try best.subtracting(distance) : try best.adding(distance)
      guard price > .zero else { break }
      // All that a taker gets stands at the best price; behind it a bit more at each level.
      let share = level == 0 ? Amount.one : try Amount(1 + level % 5).divided(by: Amount(4))
      let standing = try size.multiplied(by: share).rounded(toMultipleOf: lot, .down)
      if standing > .zero { sizes[price] = standing }
    }
    for order in core.resting(listed.id) where order.ticket.side == side {
      guard let limit = order.ticket.limit?.amount else { continue }
      sizes[limit] = try (sizes[limit] ?? .zero).adding(order.remaining.amount)
    }
    let levels = sizes.map { MarketView.Level(price: $0.key, size: $0.value) }
    return Array(
      levels.sorted { side == .buy ? $0.price > $1.price : $0.price < $1.price }.prefix(count))
  }
}
