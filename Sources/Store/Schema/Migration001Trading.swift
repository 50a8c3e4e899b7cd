extension Migration {
  /// What was decided and done about it. `account` is a column of all that trades.
  static let trading001 = """
    CREATE TABLE account (
      name TEXT PRIMARY KEY,
      quote TEXT NOT NULL,
      mode TEXT NOT NULL CHECK (mode IN ('paper', 'live')),
      initial TEXT NOT NULL,
      opened INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE plan (
      id INTEGER PRIMARY KEY,
      account TEXT NOT NULL REFERENCES account (name),
      job TEXT NOT NULL,
      slot INTEGER NOT NULL,
      run INTEGER REFERENCES run (id),
      state TEXT NOT NULL CHECK (state IN ('open', 'done')),
      equity TEXT NOT NULL,
      cash TEXT NOT NULL,
      detail TEXT NOT NULL,
      created INTEGER NOT NULL,
      updated INTEGER NOT NULL,
      UNIQUE (account, job, slot)
    ) STRICT;

    CREATE TABLE target (
      plan INTEGER NOT NULL REFERENCES plan (id),
      symbol TEXT NOT NULL,
      score REAL,
      price TEXT,
      quantity TEXT NOT NULL,
      weight TEXT NOT NULL,
      target_weight TEXT NOT NULL,
      target_reason TEXT NOT NULL,
      decision TEXT NOT NULL CHECK (decision IN ('buy', 'sell', 'hold')),
      reason TEXT,
      PRIMARY KEY (plan, symbol)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE orders (
      client_id TEXT PRIMARY KEY,
      plan INTEGER NOT NULL REFERENCES plan (id),
      account TEXT NOT NULL REFERENCES account (name),
      job TEXT NOT NULL,
      slot INTEGER NOT NULL,
      symbol TEXT NOT NULL,
      leg INTEGER NOT NULL,
      side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
      quantity TEXT NOT NULL,
      limit_price TEXT,
      state TEXT NOT NULL CHECK (state IN ('planned', 'intent', 'sent', 'unknown', 'open', 'filled',
        'cancelled', 'rejected', 'expired')),
      venue_id TEXT,
      reason TEXT,
      filled TEXT NOT NULL,
      value TEXT NOT NULL,
      created INTEGER NOT NULL,
      updated INTEGER NOT NULL,
      position INTEGER NOT NULL,
      UNIQUE (account, job, slot, symbol, leg)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX orders_of_plan ON orders (plan);
    CREATE INDEX orders_working ON orders (account)
      WHERE state IN ('intent', 'sent', 'unknown', 'open');

    CREATE TABLE fill (
      client_id TEXT NOT NULL REFERENCES orders (client_id),
      number INTEGER NOT NULL,
      quantity TEXT NOT NULL,
      price TEXT NOT NULL,
      value TEXT NOT NULL,
      fee TEXT NOT NULL,
      fee_asset TEXT NOT NULL,
      realised TEXT NOT NULL,
      time INTEGER NOT NULL,
      candle INTEGER,
      created INTEGER NOT NULL,
      PRIMARY KEY (client_id, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE position (
      account TEXT NOT NULL REFERENCES account (name),
      symbol TEXT NOT NULL,
      quantity TEXT NOT NULL,
      cost TEXT NOT NULL,
      updated INTEGER NOT NULL,
      PRIMARY KEY (account, symbol)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE cash (
      account TEXT NOT NULL REFERENCES account (name),
      asset TEXT NOT NULL,
      amount TEXT NOT NULL,
      updated INTEGER NOT NULL,
      PRIMARY KEY (account, asset)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE equity (
      account TEXT NOT NULL REFERENCES account (name),
      time INTEGER NOT NULL,
      equity TEXT NOT NULL,
      cash TEXT NOT NULL,
      run INTEGER REFERENCES run (id),
      PRIMARY KEY (account, time)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE halt (
      id INTEGER PRIMARY KEY,
      level TEXT NOT NULL CHECK (level IN ('no-new', 'cancel-orders', 'flatten')),
      reason TEXT NOT NULL,
      source TEXT NOT NULL,
      since INTEGER NOT NULL,
      ended INTEGER,
      end_reason TEXT,
      CHECK ((ended IS NULL) = (end_reason IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX halt_one_in_force ON halt (ended IS NULL) WHERE ended IS NULL;
    """

  /// What keeps it all: snapshots, and what people and the process did.
  static let operations001 = """
    CREATE TABLE snapshot (
      id INTEGER PRIMARY KEY,
      file TEXT NOT NULL,
      taken INTEGER NOT NULL,
      size INTEGER NOT NULL,
      raw_size INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      raw_sha256 TEXT NOT NULL,
      verified INTEGER,
      keep TEXT,
      removed INTEGER,
      run INTEGER REFERENCES run (id)
    ) STRICT;

    CREATE TABLE audit (
      id INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      kind TEXT NOT NULL,
      text TEXT NOT NULL
    ) STRICT;
    """
}
