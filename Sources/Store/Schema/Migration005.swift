// A plan for each round of a slot, an equity that may be unknown, and trades by the venue's own ids.

extension Migration {
  /// SQLite cannot take a constraint away, so three tables are made anew, their rows kept beside
  /// meanwhile. Orders name plans: their references are checked at the end, when the plans are back.
  static let migration005 = Migration(
    number: 5,
    sql: """
      PRAGMA defer_foreign_keys = ON;
      CREATE TEMP TABLE old_plan AS SELECT * FROM plan;
      CREATE TEMP TABLE old_target AS SELECT * FROM target;
      CREATE TEMP TABLE old_fill AS SELECT * FROM fill;
      DROP TABLE fill;
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
      INSERT INTO plan SELECT id, account, job, slot, 0, run, state, equity, cash, detail, created,
        updated FROM old_plan;

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
      INSERT INTO target SELECT plan, symbol, score, price, quantity, weight, target_weight,
        target_reason, decision, NULL, NULL, reason FROM old_target;

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
      INSERT INTO fill SELECT client_id, CAST(number AS TEXT), number, quantity, price, value, fee,
        fee_asset, realised, time, candle, created FROM old_fill;

      DROP TABLE temp.old_plan;
      DROP TABLE temp.old_target;
      DROP TABLE temp.old_fill;

      ALTER TABLE orders ADD COLUMN sent INTEGER;
      ALTER TABLE orders ADD COLUMN doubted INTEGER;
      UPDATE orders SET sent = updated WHERE state NOT IN ('planned', 'expired');
      UPDATE orders SET doubted = updated WHERE state = 'unknown';
      CREATE INDEX orders_sent ON orders (account, sent) WHERE sent IS NOT NULL;
      DROP INDEX orders_working;
      CREATE INDEX orders_working ON orders (account)
        WHERE state IN ('planned', 'intent', 'sent', 'unknown', 'open');
      """)
}
