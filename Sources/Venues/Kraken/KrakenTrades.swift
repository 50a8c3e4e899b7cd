import Domain
import Exchange
import Synchronization

/// The trades of an account at Kraken: twenty are asked for together, and none twice.
final class KrakenTrades: Sendable {
  /// The most trades of one question.
  static let maximumTradesAsked = 20
  /// The most pages of trades of one question of ours.
  static let maximumTradePages = 400

  private let caller: KrakenCaller
  private let replies: KrakenReplies
  private let pairs: KrakenPairs
  private let known = Mutex<[String: VenueFill]>([:])

  init(caller: KrakenCaller, replies: KrakenReplies, pairs: KrakenPairs) {
    (self.caller, self.replies, self.pairs) = (caller, replies, pairs)
  }

  /// The trades of an order, which must add up to what the order says of itself.
  ///
  /// - Parameter others: trades that will be asked for soon: they are read by the same question, as far as
  ///   it has room.
  func trades(of order: KrakenOrder, others: [String]) async throws -> [VenueFill] {
    let standing = order.standing
    try await learn(order.trades, others)
    let fills = try order.trades.map { id in
      guard let fill = known.withLock({ $0[id] }) else {
        throw replies.lagging("trade \(id) of order \(standing.venueID) is not told")
      }
      guard fill.venueOrder == standing.venueID, fill.contract == standing.contract,
        fill.side == standing.side
      else { throw replies.defect("trade \(id) is not of order \(standing.venueID)") }
      var own = fill
      own.order = standing.id
      return own
    }
    var (quantity, value, fee) = (Amount.zero, Amount.zero, Amount.zero)
    for fill in fills {
      quantity = try quantity.adding(fill.quantity.amount)
      value = try value.adding(fill.price.amount.multiplied(by: fill.quantity.amount))
      fee = try fee.adding(fill.fee?.amount ?? .zero)
    }
    guard quantity == standing.filled.amount,
      order.cost.agrees(with: value, roundings: fills.count),
      order.fee.agrees(with: fee, roundings: fills.count)
    else {
      throw replies.lagging(
        "\(standing.filled.amount) of order \(standing.venueID) are filled for \(order.cost.amount) "
          + "and a fee of \(order.fee.amount), and its trades are \(quantity), \(value) and \(fee)")
    }
    return fills.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
  }

  private func learn(_ ids: [String], _ others: [String]) async throws {
    var missing = known.withLock { known in
      var wanted = ids.filter { known[$0] == nil }
      guard !wanted.isEmpty else { return wanted }
      let more = others.filter { known[$0] == nil && !ids.contains($0) }
      let rest = -wanted.count % Self.maximumTradesAsked + Self.maximumTradesAsked
      wanted += more.prefix(rest % Self.maximumTradesAsked)
      return wanted
    }
    while !missing.isEmpty {
      let asked = missing.prefix(Self.maximumTradesAsked)
      missing.removeFirst(asked.count)
      guard
        let members = try await caller.ask(
          "QueryTrades", [("txid", asked.joined(separator: ","))], weight: 2)?.object
      else { throw replies.defect("the trades are no table") }
      try await pairs.learn(members.compactMap { $0.value["pair"]?.string })
      for row in members {
        let fill = try await trade(row)
        known.withLock { $0[row.key] = fill }
      }
    }
  }

  private func trade(_ row: JSONValue.Member) async throws -> VenueFill {
    guard let name = row.value["pair"]?.string else { throw replies.defect("a trade has no pair") }
    let symbol = try await pairs.symbol(named: name)
    return try replies.trade(row.key, row.value, pairs.contract(symbol), pair: symbol)
  }

  /// All trades after a time, oldest first.
  func trades(after start: Instant?) async throws -> [VenueFill] {
    var fills: [String: VenueFill] = [:]
    var offset = 0
    for _ in 0..<Self.maximumTradePages {
      var parameters = [("ofs", "\(offset)"), ("consolidate_taker", "false")]
      if let start { parameters.append(("start", "\(start.seconds)")) }
      guard let result = try await caller.ask("TradesHistory", parameters, weight: 2),
        let members = result["trades"]?.object, let count = result["count"]?.int
      else { throw replies.defect("the trades are no table with their number") }
      try await pairs.learn(members.compactMap { $0.value["pair"]?.string })
      for row in members { fills[row.key] = try await trade(row) }
      offset += members.count
      // Trades that are made meanwhile shift the pages: what comes twice is one trade.
      if members.isEmpty || offset >= count { break }
    }
    return fills.values.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
  }
}
