public import Calendars
public import Domain
public import Portfolio
public import Store

/// What the database knows of an account: what it holds, and what each of it is worth.
public struct AccountReading {
  private let transaction: ReadTransaction
  private let clock: CandleClock?

  /// A reading in a transaction, so that all of it is of one moment.
  ///
  /// - Parameter clock: when candles of its timeframe close; on the grid unless given.
  public init(_ transaction: ReadTransaction, clock: CandleClock? = nil) {
    (self.transaction, self.clock) = (transaction, clock)
  }

  /// What an account holds and has under way.
  public func book(_ account: String, quote: String) throws -> Book {
    let positions = try transaction.accounts.positions(account)
    return Book(
      account: account, quote: quote, cash: try transaction.accounts.cash(account),
      positions: Dictionary(uniqueKeysWithValues: positions.map { ($0.symbol, $0) }),
      working: try transaction.orders.pending(account).map {
        Book.Working(order: $0.order, open: $0.remaining)
      })
  }

  /// The last closed price of each asset by a time: of the preferred series where there is one, else
  /// of whatever series closed last.
  ///
  /// - Parameters:
  ///   - symbols: the instruments to price.
  ///   - venue: the venue that is asked first.
  ///   - timeframe: the length of its candles.
  ///   - time: nothing that closed later is looked at.
  public func rates(
    of symbols: Set<Symbol>, at venue: String?, _ timeframe: Timeframe?, by time: Instant
  ) throws -> [Symbol: Mark] {
    var rates: [Symbol: Mark] = [:]
    var missing = symbols
    if let venue, let timeframe {
      for record in try transaction.series.all(at: venue, timeframe)
      where symbols.contains(record.series.symbol) {
        guard let rate = try rate(record, by: time) else { continue }
        rates[record.series.symbol] = rate
        missing.remove(record.series.symbol)
      }
    }
    guard !missing.isEmpty else { return rates }
    for record in try transaction.series.all() where missing.contains(record.series.symbol) {
      guard let rate = try rate(record, by: time) else { continue }
      if let known = rates[record.series.symbol], known.time >= rate.time { continue }
      rates[record.series.symbol] = rate
    }
    return rates
  }

  /// What an account is worth by the prices that its newest plan went by.
  ///
  /// - Returns: the valuation, and the slot of that plan; nil before the first.
  public func valuation(of account: Account) throws -> (valuation: Valuation, marked: Instant?) {
    let book = try book(account.name, quote: account.quote)
    let plan = try transaction.plans.latest(account: account.name)
    let detail = try plan.map { try JSONValue.parse(Array($0.detail.utf8)) }
    let rates = try rates(
      of: Self.symbols(pricing: book), at: detail?["venue"]?.string,
      (detail?["timeframe"]?.string).flatMap { Timeframe($0) },
      by: plan?.slot.time ?? account.opened)
    return (
      try Valuation(book, at: Rates(quote: book.quote, prices: rates)), plan?.slot.time
    )
  }

  /// The instruments that price what a book holds, cash in other assets included.
  public static func symbols(pricing book: Book) -> Set<Symbol> {
    var symbols = Set(book.positions.keys)
    for symbol in book.positions.keys where symbol.quote != book.quote {
      if let direct = Symbol(base: symbol.base, quote: book.quote) { symbols.insert(direct) }
    }
    for asset in book.cash.keys where asset != book.quote {
      if let direct = Symbol(base: asset, quote: book.quote) { symbols.insert(direct) }
    }
    return symbols
  }

  private func rate(_ record: SeriesRecord, by time: Instant) throws -> Mark? {
    let timeframe = record.series.timeframe
    let clock = clock?.timeframe == timeframe ? clock : nil
    let horizon = clock?.horizon(at: time) ?? time
    guard let candle = try transaction.candles.last(record, closedBy: horizon) else { return nil }
    do throws(AmountError) {
      return Mark(
        price: try Amount(observed: candle.close),
        time: clock?.close(of: candle.time) ?? candle.time + timeframe.span)
    } catch {
      throw Fault(
        "price", "\(record.series)", cause: "the close \(candle.close) is no amount", exit: .data)
    }
  }
}
