// What the running service tells other processes of itself.

extension Migration {
  static let migration002 = Migration(
    number: 2,
    sql: """
      CREATE TABLE service (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        updated INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      """)
}
