import Domain
public import Exchange

extension BinanceSpot {
  /// So many orders come at once.
  private static let ordersOfPage = 1000
  /// No more pages are read: a million orders of one symbol are no history of ours.
  private static let mostPages = 1000

  /// Every order of a contract that Binance still tells, oldest first.
  public func orders(of contract: Contract) async throws -> [PlacedOrder] {
    var orders: [PlacedOrder] = []
    var from: Int64 = 0
    for _ in 0..<Self.mostPages {
      let reply = try await caller.ask(
        "/api/v3/allOrders",
        [("symbol", contract.id.text), ("orderId", "\(from)"), ("limit", "\(Self.ordersOfPage)")],
        weight: 20)
      guard let rows = reply?.array else { throw replies.defect("the orders are no list") }
      for row in rows {
        guard let placed = row["time"]?.int64.flatMap({ Instant(told: $0) }) else {
          throw replies.defect("an order has no time")
        }
        orders.append(
          PlacedOrder(
            try replies.order(row, pair: contract.pair).standing, placed: placed))
        from = max(from, try replies.integer(row, "orderId") + 1)
      }
      if rows.count < Self.ordersOfPage { break }
    }
    return orders
  }
}
