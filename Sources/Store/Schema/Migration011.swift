// What is asked at every run and every scrape is found without reading all that was ever ordered,
// planned, valued or told.

extension Migration {
  static let migration011 = Migration(
    number: 11,
    sql: """
      -- How many orders an account has in each state. Triggers keep it, so that no writer can forget
      -- it; a migration that makes `orders` anew has to make them anew.
      CREATE TABLE order_total (
        account TEXT NOT NULL REFERENCES account (name),
        state TEXT NOT NULL,
        orders INTEGER NOT NULL CHECK (orders >= 0),
        PRIMARY KEY (account, state)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO order_total (account, state, orders)
        SELECT account, state, count(*) FROM orders GROUP BY account, state;
      CREATE TRIGGER order_counted AFTER INSERT ON orders BEGIN
        INSERT INTO order_total (account, state, orders) VALUES (new.account, new.state, 1)
          ON CONFLICT (account, state) DO UPDATE SET orders = orders + 1;
      END;
      CREATE TRIGGER order_recounted AFTER UPDATE OF state ON orders
        WHEN new.state <> old.state
      BEGIN
        UPDATE order_total SET orders = orders - 1
          WHERE account = old.account AND state = old.state;
        INSERT INTO order_total (account, state, orders) VALUES (new.account, new.state, 1)
          ON CONFLICT (account, state) DO UPDATE SET orders = orders + 1;
      END;

      -- The newest orders; those of a slot that nobody will send; those of which a trade may come late.
      CREATE INDEX orders_newest ON orders (account, slot DESC, plan DESC, position);
      CREATE INDEX orders_planned ON orders (account, job, slot) WHERE state = 'planned';
      CREATE INDEX orders_ended ON orders (account, updated)
        WHERE state IN ('cancelled', 'rejected', 'expired') AND sent IS NOT NULL;

      -- The newest plan of all jobs, and those in progress.
      CREATE INDEX plan_newest ON plan (account, slot, round);
      CREATE INDEX plan_open ON plan (account) WHERE state = 'open';

      -- The highest equity, the first of several.
      CREATE INDEX equity_peak ON equity (account, CAST(equity AS REAL) DESC, time);

      -- The newest success of a job, and its newest tries, however many slots were skipped since.
      CREATE INDEX run_succeeded ON run (job, slot) WHERE state = 'succeeded';
      CREATE INDEX run_tried ON run (job, slot) WHERE state IN ('succeeded', 'failed', 'timed-out');

      -- The newest events of a kind, and whether a row of failures was answered.
      CREATE INDEX audit_by_kind ON audit (kind);
      CREATE INDEX audit_halt_after ON audit (text) WHERE kind = 'halt-after';
      """)
}
