import Domain
import GRDB

// The two connections of a shipper: one holds a view of the database, one folds the log.
extension LogShipper {
  /// Holds a view of the database, so that nobody begins the log anew.
  func hold() throws {
    try release()
    try StoreFault.rethrowing("read the database", store.path) {
      try reader.unsafeRead { db in
        try db.execute(sql: "BEGIN")
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
      }
    }
  }

  func release() throws {
    try StoreFault.rethrowing("read the database", store.path) {
      try reader.unsafeRead { db in
        if db.isInsideTransaction { try db.execute(sql: "ROLLBACK") }
      }
    }
  }

  /// Folds as much of the log as no reader needs. Returns whether that is all of it.
  @discardableResult
  func checkpoint() throws -> Bool {
    try StoreFault.rethrowing("checkpoint the database", store.path) {
      try folder.writeWithoutTransaction { db in
        let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
        guard let row, row[0] as Int == 0 else { return false }
        return row[1] as Int == row[2] as Int
      }
    }
  }

  static func connect(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    configuration.busyMode = .timeout(Pragma.busyTimeoutSeconds)
    configuration.label = "shipper"
    configuration.prepareDatabase { db in
      db.waitForLocks(seconds: Pragma.busyTimeoutSeconds)
      for pragma in Pragma.everyConnection { try db.execute(sql: pragma.sql) }
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try Checkpoints.switchOff(db)
    }
    return try StoreFault.mapping("open the database", path) {
      try DatabaseQueue(path: path, configuration: configuration)
    }
  }
}
