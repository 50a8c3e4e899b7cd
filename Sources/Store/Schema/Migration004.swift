// A plan for each round of a slot, an equity that may be unknown, and trades by the venue's own ids.

extension Migration {
  /// SQLite cannot take a constraint away, so the tables are made anew; their rows are kept beside
  /// meanwhile. Children go before parents, and come back after them.
  static let migration004 = Migration(
    number: 4,
    sql: """
      CREATE TEMP TABLE old_plan AS SELECT * FROM plan;
      CREATE TEMP TABLE old_target AS SELECT * FROM target;
      CREATE TEMP TABLE old_orders AS SELECT * FROM orders;
      CREATE TEMP TABLE old_fill AS SELECT * FROM fill;
      DROP TABLE fill;
      DROP TABLE orders;
      DROP TABLE target;
      DROP TABLE plan;

      CREATE TABLE plan (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (name),
        job TEXT NOT NULL,
        slot INTEGER NOT NULL,
        round INTEGER NOT NULL CHECK (round >= 0),
        run INTEGER REFERENCES run (id),
        state TEXT NOT NULL CHECK (state IN ('open', 'done')),
        equity TEXT,
        cash TEXT NOT NULL,
        detail TEXT NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        UNIQUE (account, job, slot, round)
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
        decision TEXT NOT NULL CHECK (decision IN ('buy', 'sell', 'later', 'hold')),
        wanted TEXT,
        hold TEXT CHECK (hold IN ('settled', 'kept', 'too-small', 'blind', 'unable')),
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
        state TEXT NOT NULL CHECK (state IN ('planned', 'intent', 'sent', 'unknown', 'open',
          'filled', 'cancelled', 'rejected', 'expired')),
        venue_id TEXT,
        reason TEXT,
        filled TEXT NOT NULL,
        value TEXT NOT NULL,
        sent INTEGER,
        doubted INTEGER,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        position INTEGER NOT NULL,
        UNIQUE (account, job, slot, symbol, leg)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX orders_of_plan ON orders (plan);
      CREATE INDEX orders_sent ON orders (account, sent) WHERE sent IS NOT NULL;
      CREATE INDEX orders_working ON orders (account)
        WHERE state IN ('planned', 'intent', 'sent', 'unknown', 'open');

      CREATE TABLE fill (
        client_id TEXT NOT NULL REFERENCES orders (client_id),
        trade TEXT NOT NULL,
        n INTEGER NOT NULL,
        quantity TEXT NOT NULL,
        price TEXT NOT NULL,
        value TEXT NOT NULL,
        fee TEXT,
        fee_asset TEXT,
        realised TEXT NOT NULL,
        time INTEGER NOT NULL,
        candle INTEGER,
        created INTEGER NOT NULL,
        CHECK ((fee IS NULL) = (fee_asset IS NULL)),
        PRIMARY KEY (client_id, trade),
        UNIQUE (client_id, n)
      ) STRICT, WITHOUT ROWID;

      INSERT INTO plan SELECT id, account, job, slot, 0, run, state, equity, cash, detail, created,
        updated FROM old_plan;
      INSERT INTO target SELECT plan, symbol, score, price, quantity, weight, target_weight,
        target_reason, decision, NULL, NULL, reason FROM old_target;
      INSERT INTO orders SELECT client_id, plan, account, job, slot, symbol, leg, side, quantity,
        limit_price, state, venue_id, reason, filled, value,
        CASE WHEN state IN ('planned', 'expired') THEN NULL ELSE updated END,
        CASE WHEN state = 'unknown' THEN updated END, created, updated, position FROM old_orders;
      INSERT INTO fill SELECT client_id, CAST(number AS TEXT), number, quantity, price, value, fee,
        fee_asset, realised, time, candle, created FROM old_fill;

      DROP TABLE temp.old_plan;
      DROP TABLE temp.old_target;
      DROP TABLE temp.old_orders;
      DROP TABLE temp.old_fill;
      """)
}
