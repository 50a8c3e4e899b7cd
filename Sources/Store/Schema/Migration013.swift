// What people are told of, and through which channel it has gone.

extension Migration {
  static let migration013 = Migration(
    number: 13,
    sql: """
      -- Of a key at most one is open. `told` is when people were last told of it (opened, repeated), and
      -- `repeats` how often since it opened; `is_told`: an opening was told whose end was not.
      CREATE TABLE alert (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT,
        severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
        state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
        text TEXT NOT NULL,
        remedy TEXT,
        channels TEXT,
        since INTEGER NOT NULL,
        last INTEGER NOT NULL,
        count INTEGER NOT NULL CHECK (count >= 1),
        told INTEGER,
        repeats INTEGER NOT NULL DEFAULT 0,
        is_told INTEGER NOT NULL DEFAULT 0 CHECK (is_told IN (0, 1)),
        closed INTEGER,
        acknowledged INTEGER,
        acknowledged_by TEXT,
        CHECK ((state = 'closed') = (closed IS NOT NULL))
      ) STRICT;
      CREATE UNIQUE INDEX alert_open ON alert (key) WHERE state <> 'closed';
      CREATE INDEX alert_by_key ON alert (key, id);

      -- What is to be told of an alert; `planned` once each channel that wants it has a delivery.
      CREATE TABLE alert_event (
        id INTEGER PRIMARY KEY,
        alert INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
        event TEXT NOT NULL CHECK (event IN ('opened', 'repeated', 'closed', 'noted')),
        severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
        text TEXT NOT NULL,
        time INTEGER NOT NULL,
        planned INTEGER
      ) STRICT;
      CREATE INDEX alert_event_by_alert ON alert_event (alert);
      CREATE INDEX alert_event_unplanned ON alert_event (id) WHERE planned IS NULL;

      -- One event on its way through one channel. `due`: not tried before.
      CREATE TABLE delivery (
        event INTEGER NOT NULL REFERENCES alert_event (id) ON DELETE CASCADE,
        channel TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'dropped')),
        tries INTEGER NOT NULL DEFAULT 0,
        due INTEGER NOT NULL,
        ended INTEGER,
        reason TEXT,
        PRIMARY KEY (event, channel),
        CHECK ((state = 'pending') = (ended IS NULL))
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX delivery_pending ON delivery (channel, event) WHERE state = 'pending';

      -- How many deliveries of a channel ended so, since the database was made.
      CREATE TABLE delivery_total (
        channel TEXT NOT NULL,
        state TEXT NOT NULL,
        deliveries INTEGER NOT NULL,
        PRIMARY KEY (channel, state)
      ) STRICT, WITHOUT ROWID;

      -- Nothing of a key, or of `all`, is told until then.
      CREATE TABLE alert_silence (
        key TEXT PRIMARY KEY,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        reason TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      """)
}
