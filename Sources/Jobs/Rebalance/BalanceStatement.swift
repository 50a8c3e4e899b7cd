import Domain
import Store
import Venues

/// The ledger of an account held against what its exchange says: a value, with a table of tests.
struct BalanceStatement: Hashable {
  /// An asset of which the exchange has less than the ledger.
  struct Shortfall: Hashable, CustomStringConvertible {
    var asset: String
    var ledger: Amount
    var venue: Amount

    var description: String { "\(venue) \(asset), where the ledger has \(ledger)" }
  }

  /// What is missing, by asset.
  let shortfalls: [Shortfall]

  /// Compares what an account holds by its ledger with what the exchange has. More than the ledger
  /// knows is somebody's own and none of our business.
  init(held: [String: Amount], _ snapshot: AccountSnapshot) throws(AmountError) {
    var missing: [Shortfall] = []
    for (asset, ledger) in held.sorted(by: { $0.key < $1.key }) {
      var there = Amount.zero
      for part in [snapshot.free, snapshot.locked, snapshot.unsettled] {
        there = try there.adding(part[asset] ?? .zero)
      }
      if there < ledger { missing.append(Shortfall(asset: asset, ledger: ledger, venue: there)) }
    }
    shortfalls = missing
  }
}

/// Orders at an exchange that the ledger does not know.
struct StrangeOrders: Hashable {
  /// What the ids of Carillon's orders begin with.
  static let prefix = "car-"

  /// Those with an id like ours: of a second Carillon on the account, or of a ledger that was lost.
  let ours: [ClientOrderID]
  /// How many others there are: a person's, or another program's.
  let others: Int

  /// Splits the open orders that are not known.
  init(_ open: [ClientOrderID], known: Set<ClientOrderID>) {
    let strange = open.filter { !known.contains($0) }
    ours = strange.filter { $0.text.hasPrefix(Self.prefix) }.sorted { $0.text < $1.text }
    others = strange.count - ours.count
  }
}
