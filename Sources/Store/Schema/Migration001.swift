// The first schema. Instants are INTEGER milliseconds UTC, amounts canonical decimal TEXT, candles
// REAL. All tables are STRICT; what is only ever found by its key is WITHOUT ROWID.

extension Migration {
  static let migration001 = Migration(
    number: 1,
    sql: [ledger001, market001, features001, trading001, operations001].joined(separator: "\n"))

  /// Who ran what, when and with what end.
  private static let ledger001 = """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      job TEXT NOT NULL,
      slot INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('running', 'deferred', 'interrupted', 'succeeded',
        'failed', 'timed-out', 'skipped', 'coalesced', 'missed')),
      reason TEXT,
      result TEXT,
      "trigger" TEXT NOT NULL CHECK ("trigger" IN ('cron', 'after', 'manual', 'catchup')),
      grp TEXT,
      holder TEXT,
      created INTEGER NOT NULL,
      started INTEGER,
      ended INTEGER,
      UNIQUE (job, slot),
      CHECK ((state = 'running') = (holder IS NOT NULL)),
      CHECK (state <> 'running' OR (started IS NOT NULL AND ended IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX run_one_running_per_job ON run (job) WHERE state = 'running';
    CREATE UNIQUE INDEX run_one_running_per_group ON run (grp)
      WHERE state = 'running' AND grp IS NOT NULL;
    CREATE INDEX run_debt ON run (slot, job) WHERE state IN ('deferred', 'interrupted');

    CREATE TABLE attempt (
      run INTEGER NOT NULL REFERENCES run (id),
      n INTEGER NOT NULL CHECK (n >= 1),
      holder TEXT NOT NULL,
      started INTEGER NOT NULL,
      ended INTEGER,
      outcome TEXT CHECK (outcome IN ('succeeded', 'failed', 'timed-out', 'skipped', 'interrupted',
        'crashed')),
      reason TEXT,
      PRIMARY KEY (run, n),
      CHECK ((ended IS NULL) = (outcome IS NULL))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE run_total (
      job TEXT NOT NULL,
      "trigger" TEXT NOT NULL,
      state TEXT NOT NULL,
      runs INTEGER NOT NULL CHECK (runs > 0),
      PRIMARY KEY (job, "trigger", state)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE job_mark (
      job TEXT PRIMARY KEY,
      slot INTEGER,
      since INTEGER NOT NULL,
      timing TEXT NOT NULL,
      paused_until INTEGER,
      success_slot INTEGER,
      success_ended INTEGER,
      CHECK ((success_slot IS NULL) = (success_ended IS NULL))
    ) STRICT, WITHOUT ROWID;
    """
}
