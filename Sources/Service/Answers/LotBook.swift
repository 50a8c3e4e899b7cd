import Domain
import Portfolio
import Store

/// The lots of all accounts, made from nothing but the entries and trades of the books.
struct LotBook {
  private let method: TaxLots.Method
  private var accounts: [String: TaxLots] = [:]
  private var quotes: [String: String] = [:]
  /// What is on its way from one account to another, by asset: the two entries follow each other.
  private var moving: [String: [TaxLots.Lot]] = [:]

  /// Reads the books from their beginning.
  ///
  /// - Throws: a `Fault` of the database, or `AmountError` when a figure does not fit.
  init(_ transaction: ReadTransaction, _ method: TaxLots.Method) throws {
    self.method = method
    var entries: [Entry] = []
    var fills: [Entry.FillID: FillRecord] = [:]
    for account in try transaction.accounts.all() {
      accounts[account.name] = TaxLots(method)
      quotes[account.name] = account.quote
      entries += try transaction.entries.range(account.name)
      for record in try transaction.fills.all(account.name) {
        fills[Entry.FillID(order: record.fill.order, number: record.fill.trade)] = record
      }
    }
    // The fee that was told after its trade is a part of the trade by now.
    let lateFees = Set(fills.values.map { FillRecord.lateFeeReason($0.fill) })
    for entry in entries.sorted(by: { ($0.time, $0.id) < ($1.time, $1.id) }) {
      if entry.kind == .fee, lateFees.contains(entry.reason) { continue }
      try take(entry, entry.fill.flatMap { fills[$0] })
    }
  }

  private mutating func take(_ entry: Entry, _ fill: FillRecord?) throws {
    guard var lots = accounts[entry.account], let quote = quotes[entry.account] else { return }
    if let fill {
      try Self.take(fill, &lots)
    } else {
      for posting in entry.postings where posting.book == .held && posting.asset != quote {
        try take(posting, entry, quote, &lots)
      }
    }
    accounts[entry.account] = lots
  }

  /// A trade: what it cost or brought after fees.
  private static func take(_ record: FillRecord, _ lots: inout TaxLots) throws {
    let (fill, symbol) = (record.fill, record.symbol)
    let source = fill.order.text
    var (quantity, value) = (fill.quantity, record.value)
    var cost = Amount.zero
    if let fee = fill.fee {
      switch fee.asset {
      case symbol.base:
        quantity =
          record.side == .buy
          ? try quantity.subtracting(fee.amount) : try quantity.adding(fee.amount)
      case symbol.quote: cost = fee.amount
      case _ where fee.amount.isNegative:
        try lots.acquire(
          fee.asset,
          TaxLots.Lot(
            quantity: try fee.amount.negated(), cost: .zero, acquired: fill.time, source: source))
      default:
        cost =
          try lots.dispose(
            fee.amount, of: fee.asset, .fee, at: fill.time, source: source, proceeds: nil) ?? .zero
      }
    }
    switch record.side {
    case .buy:
      value = try value.adding(cost)
      try lots.acquire(
        symbol.base,
        TaxLots.Lot(quantity: quantity, cost: value, acquired: fill.time, source: source))
    case .sell:
      try lots.dispose(
        quantity, of: symbol.base, .sold, at: fill.time, source: source,
        proceeds: try value.subtracting(cost))
    }
  }

  /// A change of an asset without a trade.
  private mutating func take(
    _ posting: Entry.Posting, _ entry: Entry, _ quote: String, _ lots: inout TaxLots
  ) throws {
    let (asset, amount, source) = (posting.asset, posting.amount, "entry \(entry.id)")
    func leave(_ end: TaxLots.End, proceeds: Amount? = nil) throws {
      try lots.dispose(
        try amount.magnitude(), of: asset, end, at: entry.time, source: source, proceeds: proceeds)
    }
    func come(cost: Amount?) throws {
      try lots.acquire(
        asset,
        TaxLots.Lot(quantity: amount, cost: cost, acquired: entry.time, source: source))
    }
    switch entry.kind {
    case .opening, .dividend, .fill: return
    case .deposit: try come(cost: entry.flow)
    case .withdrawal: try leave(.withdrawn)
    case .fee: try leave(.fee)
    case .adjustment: amount.isNegative ? try leave(.withdrawn) : try come(cost: nil)
    case .settlement:
      let paid = entry.postings.first { $0.book == .held && $0.asset == quote }
      try leave(.settled, proceeds: paid?.amount ?? .zero)
    case .split:
      let before = try (lots.open[asset] ?? []).reduce(Amount.zero) { try $0.adding($1.quantity) }
      guard before > .zero else { return }
      let after = try before.adding(amount)
      try lots.split(asset, after, for: before, leaving: after)
    case .transfer:
      guard amount.isNegative else {
        for lot in moving.removeValue(forKey: asset) ?? [] { try lots.acquire(asset, lot) }
        return
      }
      let before = lots.closed.count
      try leave(.transferred)
      moving[asset] = lots.closed[before...].map(\.part)
    }
  }

  /// The rows of an account: what has left within a span, and what is held.
  func rows(
    of account: String, isWithin: (Instant) -> Bool, withOpen: Bool,
    _ body: ([JSONValue]) throws -> Void
  ) throws {
    guard let lots = accounts[account] else { return }
    func row(
      _ asset: String, _ state: String, _ lot: TaxLots.Lot, _ end: TaxLots.Disposal?
    ) throws -> [JSONValue] {
      [
        .string(account), .string(asset), .string(state), .string(method.rawValue),
        .amount(lot.quantity), .time(lot.acquired), .text(lot.source.isEmpty ? nil : lot.source),
        .amount(lot.cost), .time(end?.disposed), .text(end?.source), .amount(end?.proceeds),
        .amount(try end?.gain),
      ]
    }
    for end in lots.closed where isWithin(end.disposed) {
      try body(try row(end.asset, end.end.rawValue, end.part, end))
    }
    guard withOpen else { return }
    for (asset, open) in lots.open.sorted(by: { $0.key < $1.key }) {
      for lot in open { try body(try row(asset, "open", lot, nil)) }
    }
  }
}
