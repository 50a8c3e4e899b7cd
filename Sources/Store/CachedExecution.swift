import GRDB

extension Database {
  /// Executes one statement that is compiled once for each connection: compiling costs more than
  /// running the short statements of the ledger.
  func executeCached(sql: String, arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }
}
