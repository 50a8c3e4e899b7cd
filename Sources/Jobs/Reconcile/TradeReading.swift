import Domain
import Store
import Venues

/// How far the trades of a venue were read, and what of them was told last: kept in a statement, so that
/// the next reads on.
struct TradeReading: Hashable, Sendable {
  /// The venue's cursors, by symbol; of a venue that tells all at once by the empty text.
  var cursors: [String: String] = [:]
  /// Trades of the ledger through this time were looked for at the venue.
  var through: Instant
  /// The trades that were told and are younger than that.
  var recent: Set<Key> = []

  /// How far the time of a trade on record and the one that is told for it later may lie apart: the answer
  /// to an order tells when it was transacted, a list of trades when each was made. Venues take as long
  /// for an order at most as they wait for their matching engine, ten seconds.
  static let timesApart = TimeSpan.minutes(1)

  /// The name of a trade at its venue.
  struct Key: Hashable, Sendable, Comparable {
    var symbol: Symbol
    var id: String

    static func < (a: Key, b: Key) -> Bool { (a.symbol, a.id) < (b.symbol, b.id) }
  }

  /// A trade as its venue told it.
  struct Told: Hashable, Sendable {
    var symbol: Symbol
    var fill: VenueFill
    var key: Key { Key(symbol: symbol, id: fill.id) }
  }

  /// What the ledger knows.
  struct Ledger {
    /// Trades of the time that is looked at and of a while before, by name.
    var fills: [Key: FillRecord]
    /// The venue's ids of the orders that are ours.
    var orders: Set<String>
    /// Trades of before are none of the account's.
    var opened: Instant
  }

  /// The trades that are not the same on both sides.
  ///
  /// - Parameters:
  ///   - told: what the venue told since the last reading.
  ///   - ledger: what the ledger knows.
  ///   - through: how far the venue's word is complete.
  /// - Returns: those trades, how many were compared, and how many are none of ours.
  func compare(
    _ told: [Told], _ ledger: Ledger, through end: Instant
  ) -> (trades: [VenueStatement.Trade], compared: Int, strangers: Int) {
    var trades: [VenueStatement.Trade] = []
    var (compared, strangers) = (0, 0)
    for one in told where one.fill.time >= ledger.opened {
      guard let record = ledger.fills[one.key] else {
        let isOurs =
          one.fill.order?.text.hasPrefix(StrangeOrders.prefix) == true
          || ledger.orders.contains(one.fill.venueOrder)
        if isOurs { trades.append(one.trade(.missing)) } else { strangers += 1 }
        continue
      }
      compared += 1
      if !one.isSame(as: record) { trades.append(one.trade(.altered)) }
    }
    let known = Set(told.map(\.key)).union(recent)
    for (key, record) in ledger.fills.sorted(by: { $0.key < $1.key })
    where record.fill.time > through && record.fill.time <= end && !known.contains(key) {
      trades.append(
        VenueStatement.Trade(
          kind: .untold, id: key.id, symbol: key.symbol, side: record.side,
          quantity: record.fill.quantity, price: record.fill.price, time: record.fill.time))
    }
    return (trades.sorted { ($0.time, $0.id) < ($1.time, $1.id) }, compared, strangers)
  }

  /// The reading after this one. A trade that was told and is too young to be missed, by the ledger's time
  /// too, is known until it is not, over any number of readings.
  func followed(
    by told: [Told], _ ledger: Ledger, cursors: [String: String], through end: Instant
  ) -> TradeReading {
    var next = TradeReading(cursors: cursors, through: end)
    next.recent = Set(
      told.filter { max($0.fill.time, ledger.fills[$0.key]?.fill.time ?? .epoch) > end }.map(\.key))
    next.recent.formUnion(
      recent.filter { key in ledger.fills[key].map { $0.fill.time > end } ?? false })
    return next
  }
}

extension TradeReading.Told {
  fileprivate func trade(_ kind: VenueStatement.Trade.Kind) -> VenueStatement.Trade {
    VenueStatement.Trade(
      kind: kind, id: fill.id, symbol: symbol, side: fill.side, quantity: fill.quantity.amount,
      price: fill.price.amount, time: fill.time)
  }

  fileprivate func isSame(as record: FillRecord) -> Bool {
    // A commission that is not told yet is no difference.
    let isFeeSame =
      fill.fee.map { fee in
        record.fill.fee.map { $0.amount == fee.amount && $0.asset == fee.asset } ?? false
      } ?? true
    return record.side == fill.side && record.fill.quantity == fill.quantity.amount
      && record.fill.price == fill.price.amount && isFeeSame
  }
}
