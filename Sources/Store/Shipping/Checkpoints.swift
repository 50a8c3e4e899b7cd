import CLinux
import GRDB
import GRDBSQLite

/// Who folds the log into the database.
enum Checkpoints {
  /// Lets a connection neither fold the log when it commits nor when it closes.
  static func switchOff(_ db: Database) throws {
    try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    guard
      let connection = db.sqliteConnection,
      carillon_sqlite_keep_log(UnsafeMutableRawPointer(connection)) == SQLITE_OK
    else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
  }
}
