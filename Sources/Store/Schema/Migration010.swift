// What else a venue publishes of an instrument: bounds, collars, order types.

extension Migration {
  static let migration010 = Migration(
    number: 10,
    sql: """
      ALTER TABLE instrument ADD COLUMN filters TEXT NOT NULL DEFAULT '{}';
      """)
}
