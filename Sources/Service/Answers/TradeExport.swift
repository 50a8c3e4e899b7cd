public import Domain
public import Portfolio
public import Store

/// What can be written out of the books, a row each: the columns are the contract, new ones are added
/// at the end.
public enum TradeExport: String, CaseIterable, Sendable {
  /// A row for each order that was filled at all: what it came to.
  case trades
  /// A row for each order.
  case orders
  /// A row for each fill.
  case fills
  /// A row for each time that an account was valued.
  case equity
  /// A row for each holding, as it is now.
  case positions
  /// A row for each instrument of each plan: what was decided and why.
  case decisions
  /// A row for each posting of each entry: every change of every asset.
  case postings
  /// A row for each lot that is held, and for each part of one that has left: for the tax office.
  case lots

  /// The columns.
  public var columns: [String] {
    switch self {
    case .trades:
      [
        "time", "account", "order", "symbol", "side", "quantity", "average_price", "value", "fees",
        "fee_assets", "realised", "state",
      ]
    case .orders:
      [
        "slot", "account", "order", "job", "symbol", "leg", "side", "quantity", "limit", "state",
        "filled", "value", "venue_id", "reason", "created", "updated",
      ]
    case .fills:
      [
        "time", "account", "order", "fill", "symbol", "side", "quantity", "price", "value", "fee",
        "fee_asset", "realised", "decision_price", "slippage",
      ]
    case .equity: ["time", "account", "equity", "cash"]
    case .positions: ["account", "symbol", "quantity", "cost"]
    case .decisions:
      [
        "slot", "account", "job", "plan", "symbol", "score", "price", "quantity", "weight",
        "target_weight", "target_reason", "decision", "reason",
      ]
    case .postings:
      [
        "time", "account", "entry", "kind", "book", "asset", "amount", "flow", "symbol", "order",
        "fill", "reason",
      ]
    case .lots:
      [
        "account", "asset", "state", "method", "quantity", "acquired", "acquired_by", "cost",
        "ended", "ended_by", "proceeds", "gain",
      ]
    }
  }

  /// The rows of the accounts, within a span of time (the positions are of now). A cell is null, text
  /// (amounts and times are), or a number (a score).
  ///
  /// - Parameter method: by which lots are taken; for `lots` alone.
  public func rows(
    _ transaction: ReadTransaction, accounts: [String], from: Instant?, to: Instant?,
    method: TaxLots.Method = .fifo, _ body: ([JSONValue]) throws -> Void
  ) throws {
    func isWithin(_ time: Instant) -> Bool {
      time >= (from ?? time) && (to.map { time < $0 } ?? true)
    }
    let books = self == .lots ? try LotBook(transaction, method) : nil
    for account in accounts {
      switch self {
      case .lots:
        try books?.rows(of: account, isWithin: isWithin, withOpen: from == nil && to == nil, body)
      case .trades:
        for record in try transaction.orders.all(account) where record.filled > .zero {
          let fills = try transaction.fills.ofOrder(record.order.id)
          guard let last = fills.map(\.fill.time).max(), isWithin(last) else { continue }
          try body(try Self.trade(record, fills, last))
        }
      case .orders:
        for record in try transaction.orders.all(account) where isWithin(record.order.key.slot.time)
        {
          try body(Self.order(record))
        }
      case .fills:
        for record in try transaction.fills.all(account) where isWithin(record.fill.time) {
          try body(Self.fill(record))
        }
      case .equity:
        let points = try transaction.equity.range(
          account, from: from, through: to.map { $0 - .milliseconds(1) })
        for point in points {
          try body([
            .time(point.time), .string(account), .amount(point.equity), .amount(point.cash),
          ])
        }
      case .positions:
        for position in try transaction.accounts.positions(account) {
          try body([
            .string(account), .string("\(position.symbol)"), .amount(position.quantity),
            .amount(position.cost),
          ])
        }
      case .decisions:
        for plan in try transaction.plans.range(account, from: from, to: to) {
          for line in try transaction.plans.lines(plan.id) { try body(Self.decision(plan, line)) }
        }
      case .postings:
        let entries = try transaction.entries.range(
          account, after: from.map { $0 - .milliseconds(1) },
          through: to.map { $0 - .milliseconds(1) })
        for entry in entries {
          for posting in entry.postings { try body(Self.posting(entry, posting)) }
        }
      }
    }
  }

  private static func trade(
    _ record: OrderRecord, _ fills: [FillRecord], _ last: Instant
  ) throws -> [JSONValue] {
    var fees: [String: Amount] = [:]
    var realised = Amount.zero
    for fill in fills {
      if let fee = fill.fill.fee {
        fees[fee.asset] = try (fees[fee.asset] ?? .zero).adding(fee.amount)
      }
      realised = try realised.adding(fill.realised)
    }
    let assets = fees.keys.sorted()
    let order = record.order
    return [
      .time(last), .string(order.key.account), .string(order.id.text),
      .string("\(order.key.symbol)"), .string(order.side.rawValue), .amount(record.filled),
      .amount(try record.averagePrice), .amount(record.value),
      .string(assets.map { "\(fees[$0] ?? .zero)" }.joined(separator: " ")),
      .string(assets.joined(separator: " ")), .amount(realised), .string(order.state.rawValue),
    ]
  }

  private static func order(_ record: OrderRecord) -> [JSONValue] {
    let (order, key) = (record.order, record.order.key)
    return [
      .time(key.slot.time), .string(key.account), .string(order.id.text),
      .string(key.slot.job.text), .string("\(key.symbol)"), .number(key.leg),
      .string(order.side.rawValue), .amount(order.quantity), .amount(order.limit),
      .string(order.state.rawValue), .amount(record.filled), .amount(record.value),
      .text(order.venueID), .text(order.reason), .time(record.created), .time(record.updated),
    ]
  }

  private static func fill(_ record: FillRecord) -> [JSONValue] {
    let fill = record.fill
    return [
      .time(fill.time), .string(record.account), .string(fill.order.text),
      .string(fill.trade), .string("\(record.symbol)"), .string(record.side.rawValue),
      .amount(fill.quantity), .amount(fill.price), .amount(record.value), .amount(fill.fee?.amount),
      .text(fill.fee?.asset), .amount(record.realised), .amount(record.decided),
      .amount(record.slippage),
    ]
  }

  private static func decision(_ plan: Plan, _ line: PlanLine) -> [JSONValue] {
    [
      .time(plan.slot.time), .string(plan.account), .string(plan.slot.job.text), .number(plan.id),
      .string("\(line.symbol)"), line.score.map { .number($0) } ?? .null, .amount(line.price),
      .amount(line.quantity), .amount(line.weight), .amount(line.targetWeight),
      .string(line.targetReason), .string(line.decision.rawValue), .text(line.reason),
    ]
  }

  private static func posting(_ entry: Entry, _ posting: Entry.Posting) -> [JSONValue] {
    [
      .time(entry.time), .string(entry.account), .number(entry.id), .string(entry.kind.rawValue),
      .string(posting.book.rawValue), .string(posting.asset), .amount(posting.amount),
      .amount(entry.flow), .text(entry.symbol?.description), .text(entry.fill?.order.text),
      .text(entry.fill?.number), .string(entry.reason),
    ]
  }
}
