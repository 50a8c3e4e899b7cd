// What a run printed, what people asked of the service, and what corrected candles said before.

extension Migration {
  static let migration003 = Migration(
    number: 3,
    sql: """
      CREATE TABLE run_output (
        run INTEGER NOT NULL REFERENCES run (id),
        n INTEGER NOT NULL CHECK (n >= 1),
        attempt INTEGER NOT NULL CHECK (attempt >= 1),
        stream TEXT NOT NULL CHECK (stream IN ('log', 'out', 'err')),
        written INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (run, n)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE request (
        id INTEGER PRIMARY KEY,
        verb TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT,
        created INTEGER NOT NULL,
        answered INTEGER,
        answer TEXT,
        CHECK ((answered IS NULL) = (answer IS NULL))
      ) STRICT;
      CREATE INDEX request_open ON request (id) WHERE answered IS NULL;

      CREATE TABLE candle_correction (
        series INTEGER NOT NULL REFERENCES series (id),
        time INTEGER NOT NULL,
        corrected INTEGER NOT NULL,
        open REAL NOT NULL,
        high REAL NOT NULL,
        low REAL NOT NULL,
        close REAL NOT NULL,
        volume REAL NOT NULL,
        run INTEGER REFERENCES run (id),
        corrected_by INTEGER REFERENCES run (id),
        PRIMARY KEY (series, time, corrected)
      ) STRICT, WITHOUT ROWID;
      """)
}
