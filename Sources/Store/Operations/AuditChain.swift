import Cryptography
import Domain
import GRDB

/// What an audit says of itself.
public struct AuditVerdict: Hashable, Sendable {
  /// How many rows there are.
  public var rows: Int
  /// The newest link, in hexadecimal; nil where nothing is chained yet.
  public var head: String?
  /// Where it was rewritten, in words; empty when it was not.
  public var findings: [String]
}

/// The chain of the audit's rows: each bears a hash over itself and the link before it, so that a row
/// which is changed, taken out or put in between shows.
///
/// A link is the SHA-256, in hexadecimal, of the link before it (64 zeros before the first row), a line
/// feed, and the row's fields in the order `id`, `time` (milliseconds), `kind`, `text`, `who`,
/// `origin`, each as a netstring (`5:hello,`), and as `-,` where it is NULL.
///
/// Whoever may write to the file can make a whole new chain; that shows against a head that was seen
/// elsewhere: in a log, an alert, a snapshot's manifest.
enum AuditChain {
  /// The schemas whose audit is chained, as far as this version knows them.
  static let schemas = 15...Schema.version
  /// What stands before the first row.
  static let start = String(repeating: "0", count: 64)
  /// Findings that are told at most: of a chain that was rewritten the first ones matter.
  static let maximumFindings = 20

  /// A row as it is hashed.
  struct Link {
    var id: Int64
    var time: Int64
    var kind: String
    var text: String
    var who: String?
    var origin: String?

    /// The hash of the row after a link.
    func hash(after previous: String) -> String {
      var bytes = Array(previous.utf8)
      bytes.append(UInt8(ascii: "\n"))
      for field in [String(id), String(time), kind, text, who, origin] {
        guard let field else {
          bytes.append(contentsOf: "-,".utf8)
          continue
        }
        bytes.append(contentsOf: "\(field.utf8.count):\(field),".utf8)
      }
      return SHA256.hexadecimal(bytes)
    }

    init(row: Row) {
      (id, time, kind, text) = (row["id"], row["time"], row["kind"], row["text"])
      (who, origin) = (row["who"], row["origin"])
    }

    init(id: Int64, time: Instant, kind: String, text: String, by actor: Actor) {
      (self.id, self.time, self.kind, self.text) = (id, time.milliseconds, kind, text)
      (who, origin) = (actor.who, actor.origin)
    }
  }

  /// The newest link; nil where nothing is chained yet.
  static func head(_ db: Database) throws -> String? {
    try String.fetchOne(
      db, sql: "SELECT hash FROM audit WHERE hash IS NOT NULL ORDER BY id DESC LIMIT 1")
  }

  /// The newest link of a database of any version; nil where nothing is chained.
  static func headOfAnyVersion(_ db: Database) throws -> String? {
    let isChained = try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM pragma_table_info('audit') WHERE name = 'hash')")
    return isChained == true ? try head(db) : nil
  }

  /// What the next row is linked to. Rows from before the chain are linked first.
  ///
  /// A row without a hash behind one with a hash is a stranger's: it stays so, for `verify` to name.
  static func extend(_ db: Database) throws -> String {
    if let head = try head(db) { return head }
    var previous = start
    for row in try Row.fetchAll(db, sql: "SELECT * FROM audit ORDER BY id") {
      let link = Link(row: row)
      previous = link.hash(after: previous)
      try db.execute(
        sql: "UPDATE audit SET hash = ? WHERE id = ?", arguments: [previous, link.id])
    }
    return previous
  }

  /// Goes through all rows. A row that does not fit is named once: the chain goes on from its own hash.
  static func verify(_ db: Database) throws -> AuditVerdict {
    var verdict = AuditVerdict(rows: 0, head: nil, findings: [])
    var previous = start
    var last: Int64 = 0
    var isChained = false
    func found(_ text: String) {
      if verdict.findings.count < maximumFindings { verdict.findings.append(text) }
    }
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM audit ORDER BY id")
    while let row = try rows.next() {
      let link = Link(row: row)
      verdict.rows += 1
      if link.id != last + 1 {
        found(
          link.id == last + 2
            ? "row \(last + 1) is gone" : "rows \(last + 1) to \(link.id - 1) are gone")
      }
      last = link.id
      guard let hash = row["hash"] as String? else {
        if isChained { found("row \(link.id) (\(link.kind)) was put in without a link") }
        continue
      }
      // Rows are linked from the first one on, or none is.
      if !isChained, link.id > 1, verdict.rows > 1 {
        found("the links of the rows before row \(link.id) were taken away")
      }
      isChained = true
      if link.hash(after: previous) != hash {
        found("row \(link.id) (\(link.kind)) is not as it was written, or one before it is gone")
      }
      previous = hash
      verdict.head = hash
    }
    return verdict
  }
}
