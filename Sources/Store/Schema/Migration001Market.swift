extension Migration {
  /// What the market told: rules, candles, and the rows that were no candles.
  static let market001 = """
    CREATE TABLE instrument (
      venue TEXT NOT NULL,
      symbol TEXT NOT NULL,
      tick TEXT NOT NULL,
      lot TEXT NOT NULL,
      minimum_notional TEXT NOT NULL,
      updated INTEGER NOT NULL,
      PRIMARY KEY (venue, symbol)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      venue TEXT NOT NULL,
      symbol TEXT NOT NULL,
      timeframe INTEGER NOT NULL,
      watermark INTEGER,
      UNIQUE (venue, symbol, timeframe)
    ) STRICT;

    CREATE TABLE candle (
      series INTEGER NOT NULL REFERENCES series (id),
      time INTEGER NOT NULL,
      open REAL NOT NULL,
      high REAL NOT NULL,
      low REAL NOT NULL,
      close REAL NOT NULL,
      volume REAL NOT NULL,
      run INTEGER REFERENCES run (id),
      PRIMARY KEY (series, time)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE quarantine (
      series INTEGER NOT NULL REFERENCES series (id),
      place TEXT NOT NULL,
      text TEXT NOT NULL,
      reason TEXT NOT NULL,
      run INTEGER REFERENCES run (id),
      created INTEGER NOT NULL,
      PRIMARY KEY (series, place, text)
    ) STRICT, WITHOUT ROWID;
    """

  /// What was made of it: features, the states that make the next ones, models and scores.
  static let features001 = """
    CREATE TABLE feature_set (
      id INTEGER PRIMARY KEY,
      sha256 TEXT NOT NULL UNIQUE,
      specification TEXT NOT NULL,
      names TEXT NOT NULL,
      created INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE feature (
      feature_set INTEGER NOT NULL REFERENCES feature_set (id),
      series INTEGER NOT NULL REFERENCES series (id),
      time INTEGER NOT NULL,
      "values" BLOB NOT NULL,
      run INTEGER REFERENCES run (id),
      PRIMARY KEY (feature_set, series, time)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE feature_state (
      feature_set INTEGER NOT NULL REFERENCES feature_set (id),
      series INTEGER NOT NULL REFERENCES series (id),
      time INTEGER NOT NULL,
      state BLOB NOT NULL,
      kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
      PRIMARY KEY (feature_set, series, time)
    ) STRICT;

    CREATE TABLE model (
      sha256 TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      name TEXT,
      file TEXT NOT NULL,
      features TEXT NOT NULL,
      created INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE prediction (
      job TEXT NOT NULL,
      slot INTEGER NOT NULL,
      series INTEGER NOT NULL REFERENCES series (id),
      time INTEGER,
      score REAL,
      reason TEXT,
      model TEXT NOT NULL REFERENCES model (sha256),
      feature_set INTEGER REFERENCES feature_set (id),
      run INTEGER REFERENCES run (id),
      PRIMARY KEY (job, slot, series),
      CHECK ((score IS NULL) = (reason IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
    """
}
