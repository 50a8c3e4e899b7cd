import Domain
import Exchange

extension BinanceReplies {
  /// The trades that an answer of the kind `FULL` tells with a new order, so that nobody has to ask for them.
  ///
  /// They are believed where they are the whole of what the order says of itself: as much, and worth as
  /// much. What trades at once takes, and at the time of the order's transaction.
  ///
  /// - Returns: nil where the answer has none, or has one that is not of today's ticks and lots: then they
  ///   are asked for, and what is odd is asked for twice.
  /// - Throws: where the answer contradicts itself, so that nothing of it is to be believed.
  func fills(
    _ reply: JSONValue, of order: BinanceOrder, on contract: Contract
  ) throws -> [VenueFill]? {
    guard let told = reply["fills"] else { return nil }
    guard let rows = told.array else { throw defect("its fills are no list") }
    guard let time = reply["transactTime"]?.int64.flatMap({ Instant(told: $0) }) else {
      throw defect("it lacks the time of its fills")
    }
    let fills = try rows.map { try fill($0, of: order.standing, on: contract, at: time) }
    guard Set(fills.map(\.id)).count == fills.count else {
      throw defect("it tells a trade of order \(order.standing.venueID) twice")
    }
    try check(fills, of: order, isOneAnswer: true)
    return try fills.allSatisfy { try BinanceSpot.isOnGrid($0, contract) } ? fills : nil
  }

  private func fill(
    _ row: JSONValue, of order: OrderStanding, on contract: Contract, at time: Instant
  ) throws -> VenueFill {
    let id = try integer(row, "tradeId")
    let (quantity, price) = (try amount(row, "qty"), try amount(row, "price"))
    let fee = try amount(row, "commission")
    guard id >= 0, quantity > .zero, price > .zero, !fee.isNegative else {
      throw defect("trade \(id) is \(quantity) at \(price) for \(fee)")
    }
    return VenueFill(
      id: "\(id)", order: order.id, venueOrder: order.venueID, contract: contract.id,
      side: order.side, quantity: Quantity(quantity, contract.pair.base),
      price: contract.price(price), fee: Money(fee, try text(row, "commissionAsset")),
      isMaker: false, time: time)
  }
}
