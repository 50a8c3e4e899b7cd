import Domain
import Exchange

/// Orders as one look at the account told them: those that are open, and those that ended since a time.
struct KrakenOrderList {
  /// When it was asked for, by the venue's clock.
  let asked: Instant
  /// When it was read, by ours.
  var read: Instant
  /// The newest order of each client id.
  private(set) var orders: [ClientOrderID: KrakenOrder] = [:]
  /// Kraken's own ids of all orders that were told.
  private(set) var numbers: Set<String> = []
  /// Whether it has every order that ended since its time; else there were more than were read.
  var isWhole = true
  /// Orders that were asked for by name, and that no answer has.
  var absent: Set<ClientOrderID> = []
  /// Whether it was read for orders that were named, and is good for as long as these are gone through.
  var isGathered = false

  /// An empty list of a moment.
  init(asked: Instant, read: Instant) { (self.asked, self.read) = (asked, read) }

  /// Adds orders that are open: they are the newest of their ids.
  mutating func add(open: [KrakenOrder]) {
    for order in open {
      numbers.insert(order.standing.venueID)
      orders[order.standing.id] = order
    }
  }

  /// Adds orders that ended, the newest first: an id that was used again is that of its newest order.
  mutating func add(ended: [KrakenOrder]) {
    for order in ended {
      numbers.insert(order.standing.venueID)
      if orders[order.standing.id] == nil { orders[order.standing.id] = order }
    }
  }
}
