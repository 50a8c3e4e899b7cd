public import Domain
import Portfolio

/// Finds what a client order id was made of, though the ledger that knew it is lost: ids are pure, so
/// they are made again from schedule x slots x instruments x legs until one is the same.
public struct OrderSearch: Sendable {
  /// The account.
  public var account: String
  /// The scheduled slots of each of its rebalance jobs in the time that was lost.
  public var slots: [JobName: [Instant]]
  /// Slots of orders that were found: of runs by hand too.
  private var seen: [JobName: Set<Instant>] = [:]

  /// An order of a run by hand has the millisecond of its start as slot: it went out within this.
  static let handRunWithin = TimeSpan.seconds(90)
  /// The most orders of one instrument in a slot, and in a run by hand, where each leg costs more.
  static let legs = 16
  static let legsByHand = 2

  /// A search.
  public init(account: String, slots: [JobName: [Instant]]) {
    (self.account, self.slots) = (account, slots)
  }

  /// What an id was made of; nil where nothing fits.
  ///
  /// - Parameter ordered: when the order was placed, by the exchange's clock.
  public mutating func key(
    of id: ClientOrderID, _ symbol: Symbol, ordered: Instant
  ) -> OrderKey? {
    for job in slots.keys.sorted() {
      let known = (seen[job] ?? []).sorted() + (slots[job] ?? [])
      // An order is never older than its slot, but for the difference of two clocks.
      for slot in known where slot <= ordered + .minutes(2) {
        if let key = match(id, symbol, job, slot, legs: Self.legs) { return key }
      }
    }
    for leg in 0..<Self.legsByHand {
      for back in -2000...Self.handRunWithin.milliseconds {
        let slot = ordered - .milliseconds(back)
        for job in slots.keys.sorted() {
          let key = OrderKey(
            account: account, slot: Slot(job: job, time: slot), symbol: symbol, leg: leg)
          guard ClientOrderID(deriving: key) == id else { continue }
          seen[job, default: []].insert(slot)
          return key
        }
      }
    }
    return nil
  }

  private mutating func match(
    _ id: ClientOrderID, _ symbol: Symbol, _ job: JobName, _ slot: Instant, legs: Int
  ) -> OrderKey? {
    for leg in 0..<legs {
      let key = OrderKey(
        account: account, slot: Slot(job: job, time: slot), symbol: symbol, leg: leg)
      guard ClientOrderID(deriving: key) == id else { continue }
      seen[job, default: []].insert(slot)
      return key
    }
    return nil
  }
}
