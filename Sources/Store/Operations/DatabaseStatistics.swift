import Disk
import GRDB
import Glibc

/// How large a database is, and what of it is how large.
public struct DatabaseStatistics: Hashable, Sendable {
  /// The size of a page, in bytes.
  public var pageBytes: Int64
  /// How many pages the file has.
  public var pages: Int64
  /// How many of them are empty: `db vacuum` gives them back.
  public var freePages: Int64
  /// The size of the write-ahead log beside it, in bytes.
  public var logBytes: Int64
  /// What a connection keeps in memory at most, in bytes.
  public var cacheBytes: Int64
  /// Tables and indexes, largest first.
  public var parts: [Part]

  /// A table or an index.
  public struct Part: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The table that it is of; nil for a table.
    public var table: String?
    /// Its size, in bytes.
    public var bytes: Int64
    /// What of it is used, in bytes.
    public var usedBytes: Int64
    /// How many entries it has.
    public var entries: Int64
  }

  /// The size of the file, in bytes.
  public var bytes: Int64 { pages * pageBytes }
}

extension Store {
  /// Measures the database. It reads all of it.
  public func statistics() throws -> DatabaseStatistics {
    var status = stat()
    let logBytes = stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    return try read { transaction in
      let db = transaction.db
      func number(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
      let pageBytes = try number("PRAGMA page_size")
      // Below zero it is a number of KiB.
      let cache = try number("PRAGMA cache_size")
      let parts = try Row.fetchAll(
        db,
        sql: """
          SELECT d.name, nullif(s.tbl_name, d.name) AS of, d.pgsize, d.pgsize - d.unused AS used,
            d.ncell FROM dbstat d LEFT JOIN sqlite_schema s ON s.name = d.name
          WHERE d.aggregate = TRUE ORDER BY d.pgsize DESC, d.name
          """
      ).map { row in
        DatabaseStatistics.Part(
          name: row["name"], table: row["of"], bytes: row["pgsize"], usedBytes: row["used"],
          entries: row["ncell"])
      }
      return DatabaseStatistics(
        pageBytes: pageBytes, pages: try number("PRAGMA page_count"),
        freePages: try number("PRAGMA freelist_count"), logBytes: logBytes,
        cacheBytes: cache < 0 ? -cache * 1024 : cache * pageBytes, parts: parts)
    }
  }
}
