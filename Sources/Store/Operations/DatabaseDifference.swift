import Disk
import GRDB

/// How the rows of a table differ between two databases.
public struct TableDifference: Hashable, Sendable {
  /// The table.
  public var table: String
  /// Rows that only the first database has.
  public var onlyFirst: Int64
  /// Rows that only the second database has.
  public var onlySecond: Int64
  /// Rows of one key that are not the same.
  public var changed: Int64
  /// Whether the table is of another shape, or in one of the two only: then no row was compared.
  public var isOtherShape: Bool

  /// Whether there is any difference.
  public var isNone: Bool { onlyFirst + onlySecond + changed == 0 && !isOtherShape }
}

/// Compares two databases table by table, row by row, by their keys.
public enum DatabaseDifference {
  /// The differences of every table that either database has, by name.
  ///
  /// Neither file is changed. Memory is that of two pages' caches, however large they are.
  ///
  /// - Throws: exit 66 when one is not there, 65 when one is no database.
  public static func between(_ first: String, _ second: String) throws -> [TableDifference] {
    for path in [first, second] { try DatabaseFile(path: path).check(for: .readOnly) }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.prepareDatabase { db in
      for pragma in Pragma.everyConnection { try db.execute(sql: pragma.sql) }
    }
    return try StoreFault.rethrowing("compare", "\(first) and \(second)") {
      let database = try DatabaseQueue(
        path: DatabaseFile(path: first).path, configuration: configuration)
      let differences = try database.unsafeRead { db in
        // Read-only as the first is, since it takes the flags of the connection.
        try db.execute(
          sql: "ATTACH ? AS second", arguments: [DatabaseFile(path: second).path])
        // One transaction over both: each file is seen as it was at one moment.
        try db.execute(sql: "BEGIN")
        defer { do { try db.execute(sql: "ROLLBACK") } catch { assertionFailure("\(error)") } }
        return try compare(db)
      }
      try database.close()
      return differences
    }
  }

  private static func compare(_ db: Database) throws -> [TableDifference] {
    func shapes(_ schema: String) throws -> [String: [String]] {
      let tables = try String.fetchAll(
        db,
        sql: """
          SELECT name FROM \(schema).sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
          """)
      return try Dictionary(
        uniqueKeysWithValues: tables.map { table in
          let columns = try String.fetchAll(
            db,
            sql: """
              SELECT name || ' ' || type || ' ' || pk FROM pragma_table_info(?, '\(schema)') ORDER BY cid
              """, arguments: [table])
          return (table, columns)
        })
    }
    let (first, second) = (try shapes("main"), try shapes("second"))
    return try Set(first.keys).union(second.keys).sorted().map { table in
      guard let shape = first[table], shape == second[table] else {
        return TableDifference(
          table: table, onlyFirst: 0, onlySecond: 0, changed: 0, isOtherShape: true)
      }
      return try compare(table, db)
    }
  }

  private static func compare(_ table: String, _ db: Database) throws -> TableDifference {
    let columns = try Row.fetchAll(
      db, sql: "SELECT name, pk FROM pragma_table_info(?)", arguments: [table])
    let isRowless =
      try Bool.fetchOne(
        db, sql: "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?",
        arguments: [table]) ?? false
    let keys = isRowless ? columns.filter { $0["pk"] as Int > 0 }.map { $0["name"] as String } : []
    let name = table.quotedDatabaseIdentifier
    func each(_ names: [String], _ word: String, _ joint: String) -> String {
      names.map { $0.quotedDatabaseIdentifier }.map { "a.\($0) \(word) b.\($0)" }
        .joined(separator: joint)
    }
    let join = keys.isEmpty ? "a.rowid = b.rowid" : each(keys, "=", " AND ")
    let others = columns.map { $0["name"] as String }.filter { !keys.contains($0) }
    func count(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
    func missing(_ here: String, _ there: String) throws -> Int64 {
      try count(
        """
        SELECT count(*) FROM \(here).\(name) a
        WHERE NOT EXISTS (SELECT 1 FROM \(there).\(name) b WHERE \(join))
        """)
    }
    let changed =
      others.isEmpty
      ? 0
      : try count(
        """
        SELECT count(*) FROM main.\(name) a JOIN second.\(name) b ON \(join)
        WHERE \(each(others, "IS NOT", " OR "))
        """)
    return TableDifference(
      table: table, onlyFirst: try missing("main", "second"),
      onlySecond: try missing("second", "main"), changed: changed, isOtherShape: false)
  }
}
