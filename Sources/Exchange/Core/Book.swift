import Domain

/// The resting orders of one contract, and what is known of its market.
struct Book: Hashable, Sendable {
  /// The last known price.
  struct Reference: Hashable, Sendable {
    /// The close of the last closed bar.
    var price: Amount
    /// When that was.
    var time: Instant
    /// When that bar opened.
    var candle: Instant
    /// What was traded in it.
    var volume: Amount?
    /// What our orders have taken of that.
    var taken = Amount.zero
  }

  var reference: Reference?
  /// Numbers of resting purchases, the highest limit first, then the oldest.
  private(set) var bids: [Resting] = []
  /// Numbers of resting sales, the lowest limit first, then the oldest.
  private(set) var asks: [Resting] = []
  /// Numbers of orders that wait for an opening, the oldest first.
  private(set) var openers: [Int64] = []

  struct Resting: Hashable, Sendable {
    var number: Int64
    var limit: Amount
  }

  /// Lets an order rest.
  mutating func insert(_ order: VenueOrder) {
    guard order.ticket.timeInForce != .onOpen, let limit = order.ticket.limit?.amount else {
      openers.append(order.number)
      return
    }
    let resting = Resting(number: order.number, limit: limit)
    switch order.ticket.side {
    case .buy: bids.insert(resting, at: bids.firstIndex { $0.limit < limit } ?? bids.endIndex)
    case .sell: asks.insert(resting, at: asks.firstIndex { $0.limit > limit } ?? asks.endIndex)
    }
  }

  /// Takes an order out.
  mutating func remove(_ number: Int64) {
    bids.removeAll { $0.number == number }
    asks.removeAll { $0.number == number }
    openers.removeAll { $0 == number }
  }

  /// All resting orders, by number.
  var numbers: [Int64] { (bids.map { $0.number } + asks.map { $0.number } + openers).sorted() }

  /// The orders whose limit a price reaches, in the order in which they are served.
  func reached(by price: Amount) -> [Resting] {
    bids.prefix { $0.limit >= price } + asks.prefix { $0.limit <= price }
  }
}
