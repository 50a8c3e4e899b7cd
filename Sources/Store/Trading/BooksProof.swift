import Domain
import GRDB

/// The one proof that the books of a database add up, made from nothing but its rows: every entry
/// balances, what is held (cash and positions) is the sum of all postings, each trade is booked by an
/// entry that says what the trade says, and each order is filled as far as its trades fill it.
///
/// It is the same in `db check`, after each snapshot, in `snapshot verify`, in a restore and in the
/// drill. It reads columns that are there since schema 4, so that an older snapshot is proved too;
/// memory is bounded by the number of accounts, assets, and fees that were told after their trades.
public struct BooksProof: Sendable {
  /// The schemas whose books can be read: the first that has entries and postings, and this version's.
  static let schemas = 4...Schema.version

  /// Where the books do not add up, in words, at most `maximumFindings`; empty when all is as it should
  /// be.
  public var findings: [String] = []

  private static let maximumFindings = 20

  /// Adds everything up.
  ///
  /// - Throws: a `Fault` where an amount cannot be read.
  init(_ db: Database) throws {
    var findings = try Self.unbalanced(db)
    findings += try Self.differences(try Self.booked(db), try Self.posted(db))
    findings += try TradesProof(db).findings
    self.findings = Array(findings.prefix(Self.maximumFindings))
  }

  /// Adds up the books that a transaction sees.
  public init(_ transaction: ReadTransaction) throws { try self.init(transaction.db) }

  /// What is held of each asset, by account; nothing that is zero.
  static func held(_ db: Database) throws -> [String: [String: Amount]] {
    var held: [String: [String: Amount]] = [:]
    for (place, amount) in try booked(db) {
      held[place.account, default: [:]][place.asset] = amount
    }
    return held
  }

  private struct Place: Hashable, Comparable {
    var account: String
    var asset: String

    static func < (a: Place, b: Place) -> Bool { (a.account, a.asset) < (b.account, b.asset) }
  }

  private typealias Sums = [Place: Amount]

  private static func differences(_ held: Sums, _ posted: Sums) throws -> [String] {
    Set(held.keys).union(posted.keys).sorted().compactMap { place in
      let (one, other) = (held[place] ?? .zero, posted[place] ?? .zero)
      guard one != other else { return nil }
      return "\(place.account): \(place.asset): \(one) held, \(other) from the postings"
    }
  }

  private static func add(
    _ amount: Amount, _ account: String, _ asset: String, to sums: inout Sums
  ) throws {
    let place = Place(account: account, asset: asset)
    sums[place] = try (sums[place] ?? .zero).adding(amount)
  }

  /// Cash and positions as they stand.
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

  /// What is held by the postings.
  private static func posted(_ db: Database) throws -> Sums {
    var sums: Sums = [:]
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT account, asset, amount FROM posting JOIN entry ON entry.id = entry
        WHERE book = 'held'
        """)
    while let row = try rows.next() {
      try add(try row.amount("amount"), row["account"], row["asset"], to: &sums)
    }
    return sums.filter { $0.value != .zero }
  }

  private static func unbalanced(_ db: Database) throws -> [String] {
    var findings: [String] = []
    var (entry, name, sums): (Int64?, String, Sums) = (nil, "", [:])
    func close() {
      for (place, rest) in sums.sorted(by: { $0.key < $1.key }) where rest != .zero {
        findings.append("\(place.account): \(name): \(rest) \(place.asset) come from nowhere")
      }
    }
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT entry, account, kind, asset, amount FROM posting JOIN entry ON entry.id = entry
        ORDER BY entry, n
        """)
    while let row = try rows.next(), findings.count < maximumFindings {
      let next: Int64 = row["entry"]
      if next != entry {
        close()
        (entry, name, sums) = (next, "entry \(next) (\(row["kind"] as String))", [:])
      }
      try add(try row.amount("amount"), row["account"], row["asset"], to: &sums)
    }
    close()
    return findings
  }
}
