import GRDB

extension Store {
  /// Runs a body while nobody can commit, in this process or another.
  func withoutWriters(_ body: () throws -> Void) throws {
    try StoreFault.rethrowing("write to the database", path) {
      try group.alone(within: nil) { _ in
        try connections.writeWithoutTransaction { db in
          try db.execute(sql: "BEGIN IMMEDIATE")
          let end = Result { try body() }
          try db.execute(sql: "ROLLBACK")
          try end.get()
        }
      }
    }
  }
}
