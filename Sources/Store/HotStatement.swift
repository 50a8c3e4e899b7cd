import GRDB
import GRDBSQLite

/// A prepared statement for loops over many rows: values go straight to SQLite's C interface.
///
/// More than twice as fast as arguments in an array, which is what every other statement here uses.
/// The statement is reset when this value is gone.
struct HotStatement: ~Copyable {
  private let db: Database
  private let statement: Statement
  let handle: OpaquePointer

  init(_ db: Database, _ sql: String) throws {
    self.db = db
    statement = try db.cachedStatement(sql: sql)
    handle = statement.sqliteStatement
    sqlite3_reset(handle)
  }

  deinit {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func bind(_ index: Int32, _ value: some BoundValue) { value.bind(to: handle, at: index) }

  /// Binds bytes that stay where they are until the next step is done.
  func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
    sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), nil)
  }

  /// Runs the statement once, for its effect.
  ///
  /// - Returns: how many rows it changed.
  func run() throws -> Int {
    guard !(try step()) else { preconditionFailure("a statement run for its effect has no rows") }
    return Int(sqlite3_changes(db.sqliteConnection))
  }

  /// The next row; false, and ready for other values, when there is none.
  func step() throws -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
    }
    return false
  }

  func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  /// The bytes of a blob, valid inside the body.
  func withBytes<T>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    let start = sqlite3_column_blob(handle, column)
    let count = sqlite3_column_bytes(handle, column)
    return try body(UnsafeRawBufferPointer(start: start, count: Int(count)))
  }
}
