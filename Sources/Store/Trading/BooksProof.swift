public import Domain
import GRDB

/// The proof that the books of a database add up, made from nothing but its rows: every entry balances,
/// what the fills moved is what was booked of them, and what is held (cash and positions) is the sum of
/// all postings.
///
/// It reads columns that are there since schema 4, so that an older snapshot is proved too; memory is
/// bounded by the number of accounts and assets.
public struct BooksProof: Sendable {
  /// The first schema that has entries and postings.
  static let firstSchema = 4

  /// What is held of each asset, by account; nothing that is zero.
  public var held: [String: [String: Amount]] = [:]
  /// Where the books do not add up, in words, at most `maximumFindings`; empty when all is as it should
  /// be.
  public var findings: [String] = []

  private static let maximumFindings = 20

  private struct Place: Hashable, Comparable {
    var account: String
    var asset: String

    static func < (a: Place, b: Place) -> Bool { (a.account, a.asset) < (b.account, b.asset) }
  }

  private typealias Sums = [Place: Amount]

  /// Adds everything up.
  ///
  /// - Throws: a `Fault` where an amount cannot be read.
  init(_ db: Database) throws {
    let booked = try Self.booked(db)
    var findings = try Self.unbalanced(db)
    let (postings, fills) = try Self.postings(db)
    findings += Self.differences("held", booked, "from the postings", postings)
    findings += Self.differences(
      "booked of the fills", fills, "from the fills", try Self.fills(db))
    for (place, amount) in booked { held[place.account, default: [:]][place.asset] = amount }
    self.findings = Array(findings.prefix(Self.maximumFindings))
  }

  /// Adds up the books that a transaction sees.
  public init(_ transaction: ReadTransaction) throws { try self.init(transaction.db) }

  private static func differences(
    _ first: String, _ a: Sums, _ second: String, _ b: Sums
  ) -> [String] {
    Set(a.keys).union(b.keys).sorted().compactMap { place in
      let (one, other) = (a[place] ?? .zero, b[place] ?? .zero)
      guard one != other else { return nil }
      return "\(place.account): \(one) \(place.asset) \(first), \(other) \(second)"
    }
  }

  private static func add(
    _ amount: Amount, _ account: String, _ asset: String, to sums: inout Sums
  ) throws {
    let place = Place(account: account, asset: asset)
    sums[place] = try (sums[place] ?? .zero).adding(amount)
  }

  private static func booked(_ db: Database) throws -> Sums {
    var sums: Sums = [:]
    let cash = try Row.fetchCursor(db, sql: "SELECT account, asset, amount FROM cash")
    while let row = try cash.next() {
      try add(try row.amount("amount"), row["account"], row["asset"], to: &sums)
    }
    let positions = try Row.fetchCursor(db, sql: "SELECT account, symbol, quantity FROM position")
    while let row = try positions.next() {
      try add(try row.amount("quantity"), row["account"], try row.symbol().base, to: &sums)
    }
    return sums.filter { $0.value != .zero }
  }

  /// What is held by the postings, and what the fills moved by them, fees apart.
  private static func postings(_ db: Database) throws -> (held: Sums, fills: Sums) {
    var (held, fills): (Sums, Sums) = ([:], [:])
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT account, kind, book, asset, amount FROM posting JOIN entry ON entry.id = entry
        WHERE book = 'held' OR (book = 'market' AND kind = 'fill')
        """)
    while let row = try rows.next() {
      let (amount, book): (Amount, String) = (try row.amount("amount"), row["book"])
      if book == "held" {
        try add(amount, row["account"], row["asset"], to: &held)
      } else {
        try add(try amount.negated(), row["account"], row["asset"], to: &fills)
      }
    }
    return (held.filter { $0.value != .zero }, fills.filter { $0.value != .zero })
  }

  /// What the fills say that was moved, fees apart.
  private static func fills(_ db: Database) throws -> Sums {
    var sums: Sums = [:]
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT account, symbol, side, fill.quantity, fill.value
        FROM fill JOIN orders USING (client_id)
        """)
    while let row = try rows.next() {
      let symbol = try row.symbol()
      let (quantity, value) = (try row.amount("quantity"), try row.amount("value"))
      let side: String = row["side"]
      let isBuy = side == "buy"
      try add(isBuy ? quantity : try quantity.negated(), row["account"], symbol.base, to: &sums)
      try add(isBuy ? try value.negated() : value, row["account"], symbol.quote, to: &sums)
    }
    return sums.filter { $0.value != .zero }
  }

  private static func unbalanced(_ db: Database) throws -> [String] {
    var findings: [String] = []
    var (entry, sums): (Int64?, Sums) = (nil, [:])
    func close() {
      guard let entry else { return }
      for (place, rest) in sums.sorted(by: { $0.key < $1.key }) where rest != .zero {
        findings.append("entry \(entry): \(rest) \(place.asset) come from nowhere")
      }
    }
    let rows = try Row.fetchCursor(
      db, sql: "SELECT entry, asset, amount FROM posting ORDER BY entry, n")
    while let row = try rows.next(), findings.count < maximumFindings {
      let next: Int64 = row["entry"]
      if next != entry {
        close()
        (entry, sums) = (next, [:])
      }
      try add(try row.amount("amount"), "", row["asset"], to: &sums)
    }
    close()
    return findings
  }
}
