// What accounts had at their venues, day by day.

extension Migration {
  static let migration018 = Migration(
    number: 18,
    sql: """
      -- An account held against its venue. `differences`: how many assets and trades were not the same;
      -- `detail` is JSON: assets, trades, and how far the venue's trades were read.
      CREATE TABLE statement (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (name),
        time INTEGER NOT NULL,
        differences INTEGER NOT NULL CHECK (differences >= 0),
        detail TEXT NOT NULL
      ) STRICT;
      CREATE INDEX statement_newest ON statement (account, id);
      """)
}
