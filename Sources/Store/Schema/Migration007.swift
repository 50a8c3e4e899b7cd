// How far back a series was asked for, what of it is owed, what people accepted, which symbols `all`
// were, and what a venue allows.

extension Migration {
  static let migration007 = Migration(
    number: 7,
    sql: """
      ALTER TABLE series ADD COLUMN reached INTEGER;
      ALTER TABLE series ADD COLUMN owed INTEGER;
      ALTER TABLE series ADD COLUMN owed_asked INTEGER;
      UPDATE series SET reached =
        (SELECT min(time) FROM candle WHERE candle.series = series.id)
        WHERE watermark IS NOT NULL;

      CREATE TABLE candle_acceptance (
        series INTEGER NOT NULL REFERENCES series (id),
        time INTEGER NOT NULL,
        accepted INTEGER NOT NULL,
        PRIMARY KEY (series, time)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE universe (
        venue TEXT NOT NULL,
        timeframe INTEGER NOT NULL,
        slot INTEGER NOT NULL,
        symbols TEXT NOT NULL,
        run INTEGER REFERENCES run (id),
        PRIMARY KEY (venue, timeframe, slot)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE rate_budget (
        venue TEXT NOT NULL,
        scope TEXT NOT NULL,
        state TEXT NOT NULL,
        updated INTEGER NOT NULL,
        PRIMARY KEY (venue, scope)
      ) STRICT, WITHOUT ROWID;
      """)
}
