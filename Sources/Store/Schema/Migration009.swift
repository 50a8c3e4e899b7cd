// What else a venue publishes of an instrument: bounds, collars, order types.

extension Migration {
  static let migration009 = Migration(
    number: 9,
    sql: """
      ALTER TABLE instrument ADD COLUMN filters TEXT NOT NULL DEFAULT '{}';
      """)
}
