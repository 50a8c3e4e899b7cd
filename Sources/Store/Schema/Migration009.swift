// What losses are counted from, and the limits of risk that were passed.

extension Migration {
  static let migration009 = Migration(
    number: 9,
    sql: """
      CREATE TABLE risk (
        account TEXT PRIMARY KEY REFERENCES account (name),
        day_start INTEGER NOT NULL,
        day_equity TEXT NOT NULL,
        peak TEXT NOT NULL,
        last TEXT NOT NULL,
        seen INTEGER NOT NULL,
        losing_days INTEGER NOT NULL CHECK (losing_days >= 0)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE risk_trip (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (name),
        name TEXT NOT NULL,
        since INTEGER NOT NULL,
        ended INTEGER
      ) STRICT;
      CREATE UNIQUE INDEX risk_trip_in_force ON risk_trip (account, name) WHERE ended IS NULL;
      """)
}
