import Cryptography
import Domain
import Jobs
public import Store

/// All orders of a database as text, so that two runs can be compared by a hash.
public struct OrderListing {
  /// One line for each order: `account,slot_ms,instrument,side,quantity,price,client_id`, sorted.
  /// The price is the average of its fills, else its limit, else empty.
  public let lines: [String]

  /// The orders of a transaction's view.
  public init(_ transaction: ReadTransaction) throws {
    lines = try transaction.orders.all().map { record in
      let order = record.order
      let price = try record.averagePrice ?? order.limit
      return [
        order.key.account, "\(order.key.slot.time.milliseconds)", "\(order.key.symbol)",
        "\(order.side)", "\(order.quantity)", price.map { "\($0)" } ?? "", "\(order.id)",
      ].joined(separator: ",")
    }.sorted()
  }

  /// The SHA-256 of the lines, each ended by a line feed.
  public var sha256: String {
    SHA256.hexadecimal(lines.map { $0 + "\n" }.joined().utf8)
  }
}
