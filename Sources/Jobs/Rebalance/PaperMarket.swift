import Calendars
import Domain
import Exchange
import Settings
import Store
import Venues

/// The paper venue of a rebalance: the exchange core over the candles and the ledger of the database.
struct PaperMarket {
  let store: Store
  let universe: Universe
  /// The account's name.
  let account: String
  let settings: AccountSettings
  /// The oldest that a price may be.
  let maximumAge: TimeSpan
  /// The run's slot, at which it trades.
  let time: Instant
  /// The rules of every symbol that may have open orders.
  let rules: [Symbol: Instrument]

  /// The venue, whose state is read when it is first used.
  func venue() throws -> PaperVenue {
    let (store, account, universe) = (store, account, universe)
    do {
      return PaperVenue(
        PaperVenue.Parts(
          name: universe.venue, timeframe: universe.timeframe,
          model: FillModel(
            slippage: .fixed(try Rate(basisPoints: settings.slippageBasisPoints)),
            participation: settings.participation.map { Rate($0) },
            maximumPriceAge: universe.wallAge(maximumAge, at: time)),
          fees: .flat(try Rate(basisPoints: settings.feeBasisPoints)),
          feePair: settings.feeAsset.flatMap { Symbol(base: $0, quote: settings.quote) },
          hasVolume: universe.hasVolume, time: time, rules: rules,
          books: { try store.read { try PaperBooks($0, account) } },
          close: { universe.clock.close(of: $0) },
          traded: { symbol, candle in
            try store.glance { try $0.fills.quantity(account, of: symbol, beside: candle) }
          },
          closedCandles: { symbol, after, through in
            // One symbol after the other: candles of another commit than the last one's do no harm.
            try store.glance {
              try Self.candles($0, universe, symbol, after: after, through: through)
            }
          }))
    } catch {
      throw Fault(
        "trade on paper", account, cause: "its fee or slippage is no amount (\(error))",
        remedy: "look at fee-bps and slippage-bps of the account", exit: .configuration)
    }
  }

  private static func candles(
    _ transaction: ReadTransaction, _ universe: Universe, _ symbol: Symbol, after: Instant?,
    through: Instant
  ) throws -> [Candle] {
    guard let series = try transaction.series.find(universe.series(symbol)) else { return [] }
    guard let after else {
      let horizon = universe.clock.horizon(at: through)
      return try transaction.candles.last(series, closedBy: horizon).map { [$0] } ?? []
    }
    let newest = universe.clock.lastClosed(at: through)
    return try transaction.candles.range(series, after: after, through: newest, limit: .max)
  }
}

extension PaperBooks {
  /// The books of an account as the ledger has them.
  fileprivate init(_ transaction: ReadTransaction, _ account: String) throws {
    var open: [OpenOrder] = []
    for record in try transaction.orders.working(account) where record.order.state == .open {
      let fills = try transaction.fills.ofOrder(record.order.id)
      var fees = Amount.zero
      for fee in fills.compactMap(\.fill.fee) where fee.asset == record.order.key.symbol.quote {
        fees = try fees.adding(fee.amount)
      }
      open.append(
        OpenOrder(
          order: record.order, filled: record.filled, value: record.value, fees: fees,
          fills: Int64(fills.count), lastFill: fills.map(\.fill.time).max()))
    }
    try self.init(
      cash: transaction.accounts.cash(account),
      positions: transaction.accounts.positions(account), open: open)
  }
}
