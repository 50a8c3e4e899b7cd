public import Domain
import GRDB

/// One unchanging view of the database, valid inside the body that it was given to.
///
/// Its tables are properties, one per noun: `tx.runs`, `tx.candles`.
public class ReadTransaction: Transaction {
  let db: Database
  let path: String

  init(db: Database, path: String) { (self.db, self.path) = (db, path) }
}

/// A transaction that also writes.
public final class WriteTransaction: ReadTransaction {
  /// The one time that everything written in this transaction bears.
  public let now: Instant

  init(db: Database, path: String, now: Instant) {
    self.now = now
    super.init(db: db, path: path)
  }
}

/// What both kinds of transaction have: a table is `Table<Self>`, so that its writing methods exist
/// only where the transaction writes.
public protocol Transaction: AnyObject {}

extension Transaction where Self: ReadTransaction {
  /// The ledger of runs and attempts.
  public var runs: RunTable<Self> { RunTable(tx: self) }
  /// What is remembered of each job.
  public var marks: JobMarkTable<Self> { JobMarkTable(tx: self) }
}
