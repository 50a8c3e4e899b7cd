public import Domain

/// What an account is worth in its quote asset: each asset times an explicit rate, or *unknown*, with
/// the reason. There is no other valuation: the plan, the equity on record, the portfolio on the
/// screen, the limits of risk and the metrics all ask this one.
///
/// What has no rate is never counted at what it cost, and never left out.
public struct Valuation: Hashable, Sendable {
  /// One asset that is held.
  public struct Item: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// The instrument by which it is held; nil for cash.
    public var symbol: Symbol?
    /// How much of it.
    public var quantity: Amount
    /// The price of one in the quote asset, with its time; nil where there is none.
    public var rate: Mark?
    /// Quantity times rate, in the quote asset; nil where there is no rate.
    public var value: Amount?
  }

  /// The asset in which all is counted.
  public var quote: String
  /// What is held: cash by asset, then instruments by symbol.
  public var items: [Item]
  /// The worth of everything; nil when the rate of one asset is not known.
  public var equity: Amount?

  /// Values what a book holds.
  ///
  /// - Parameters:
  ///   - book: cash and positions.
  ///   - rates: what one of each asset is worth.
  /// - Throws: `AmountError.overflow` when a value does not fit.
  public init(_ book: Book, at rates: Rates) throws(AmountError) {
    quote = book.quote
    items = []
    for asset in book.cash.keys.sorted() {
      guard let amount = book.cash[asset], amount != .zero else { continue }
      items.append(try Self.item(asset, nil, amount, rates))
    }
    for symbol in book.positions.keys.sorted() {
      guard let quantity = book.positions[symbol]?.quantity, quantity != .zero else { continue }
      items.append(try Self.item(symbol.base, symbol, quantity, rates))
    }
    var sum: Amount? = .zero
    for item in items {
      guard let whole = sum, let value = item.value else {
        sum = nil
        break
      }
      sum = try whole.adding(value)
    }
    equity = sum
  }

  private static func item(
    _ asset: String, _ symbol: Symbol?, _ quantity: Amount, _ rates: Rates
  ) throws(AmountError) -> Item {
    let rate = rates.of(asset)
    return Item(
      asset: asset, symbol: symbol, quantity: quantity, rate: rate,
      value: asset == rates.quote ? quantity : try rate.map(quantity))
  }

  /// The assets whose rate is missing, sorted; empty when the equity is known.
  public var unpriced: [String] {
    Set(items.filter { $0.value == nil }.map(\.asset)).sorted()
  }

  /// Why the equity is not known; nil when it is.
  public var unknown: String? {
    let missing = unpriced
    return missing.isEmpty ? nil : "no price of \(missing.joined(separator: ", ")) in \(quote)"
  }

  /// Cash in the quote asset.
  public var cash: Amount {
    items.first { $0.symbol == nil && $0.asset == quote }?.quantity ?? .zero
  }

  /// What is held by each instrument is worth so much; those without a rate are not in it.
  var byInstrument: [Symbol: Amount] {
    var values: [Symbol: Amount] = [:]
    for item in items { if let symbol = item.symbol { values[symbol] = item.value } }
    return values
  }

  /// The time of the oldest rate that was used; nil when all is cash in the quote asset.
  public var oldest: Instant? { items.compactMap(\.rate?.time).min() }
}

/// A price of one asset, with its time.
public struct Mark: Hashable, Sendable {
  /// The price of one, in the quote asset.
  public var price: Amount
  /// When it was the price: the close of its candle, or the time of a quote.
  public var time: Instant

  /// A rate of these parts.
  public init(price: Amount, time: Instant) { (self.price, self.time) = (price, time) }

  func map(_ quantity: Amount) throws(AmountError) -> Amount {
    try quantity.multiplied(by: price)
  }
}

extension Optional where Wrapped == Mark {
  fileprivate func map(_ quantity: Amount) throws(AmountError) -> Amount? {
    guard let self else { return nil }
    return try self.map(quantity)
  }
}

/// What one of each asset is worth in a quote asset. Only prices in that very asset count: a price of
/// ETH in BTC says nothing about ETH in USDT.
public struct Rates: Hashable, Sendable {
  /// The asset in which prices are counted.
  public let quote: String
  private let prices: [String: Mark]

  /// The rates that the prices of instruments give.
  public init(quote: String, prices: [Symbol: Mark]) {
    self.quote = quote
    var rates: [String: Mark] = [:]
    for (symbol, rate) in prices where symbol.quote == quote && rate.price > .zero {
      rates[symbol.base] = rate
    }
    self.prices = rates
  }

  /// The rate of an asset; nil where there is none, and for the quote asset itself.
  public func of(_ asset: String) -> Mark? { asset == quote ? nil : prices[asset] }
}
