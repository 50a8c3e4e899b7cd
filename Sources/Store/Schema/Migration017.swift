// What was told by prose alone, and decided by it. Rows of before get what their words tell, by the
// sentences that Carillon has written; where they tell nothing, nothing is noted. And sums are kept that
// pages read from all that ever was.

extension Migration {
  static let migration017 = Migration(
    number: 17,
    sql: """
      -- What put a run into its state (`RunCause`); NULL where the state says all.
      ALTER TABLE run ADD COLUMN cause TEXT CHECK (cause IN ('waiting', 'cancelled', 'paused', 'late',
        'superseded', 'overlap', 'parent', 'removed', 'stale', 'stopping', 'died', 'clock', 'time-out',
        'fault'));
      UPDATE run SET cause = CASE state
        WHEN 'timed-out' THEN
          CASE WHEN reason GLOB 'cancelled by hand*' THEN 'cancelled' ELSE 'time-out' END
        WHEN 'failed' THEN CASE
          WHEN reason GLOB 'cancelled by hand*' THEN 'cancelled'
          WHEN reason GLOB 'the process ended during each of *' THEN 'died'
          ELSE 'fault' END
        WHEN 'skipped' THEN CASE
          WHEN reason GLOB 'cancelled by hand*' THEN 'cancelled'
          WHEN reason GLOB 'paused*' THEN 'paused'
          WHEN reason GLOB 'the slot of * was still running*' THEN 'overlap'
          WHEN reason GLOB 'no longer in the schedules file*' THEN 'removed'
          WHEN reason GLOB '* ended * at this slot*' THEN 'parent'
          WHEN reason GLOB 'needs *' THEN 'stale' END
        WHEN 'coalesced' THEN CASE
          WHEN reason GLOB 'covered by the slot of *' OR reason GLOB 'more than * slots wait*'
            THEN 'superseded' END
        WHEN 'missed' THEN CASE
          WHEN reason GLOB 'too late*' OR reason GLOB 'fell due while nothing was running*' THEN 'late'
          WHEN reason GLOB 'begun under a clock that was ahead*' THEN 'clock' END
        WHEN 'deferred' THEN CASE
          WHEN reason GLOB 'due after *' OR reason IN ('a later slot was cancelled',
            'its timing was changed while it waited') THEN 'waiting'
          WHEN reason GLOB 'the process was told to stop*' OR reason GLOB 'back-off cut by shutdown*'
            THEN 'stopping' END
        WHEN 'interrupted' THEN CASE
          WHEN reason = 'its process ended' THEN 'died'
          WHEN reason GLOB 'told to stop*' THEN 'stopping' END
        END;

      -- How a request went, and beside it the words alone.
      ALTER TABLE request ADD COLUMN outcome TEXT
        CHECK (outcome IN ('done', 'nothing to do', 'refused'));
      UPDATE request SET outcome = substr(answer, 1, instr(answer, ': ') - 1),
        answer = substr(answer, instr(answer, ': ') + 2)
        WHERE substr(answer, 1, instr(answer, ': ') - 1) IN ('done', 'nothing to do', 'refused');

      -- Whether a set compares series with one another.
      ALTER TABLE feature_set ADD COLUMN compares INTEGER NOT NULL DEFAULT 0
        CHECK (compares IN (0, 1));
      UPDATE feature_set SET compares = 1 WHERE instr(specification, ': cs_') > 0;

      -- What a row is about: a job, a slot, an account. It is hashed where it is noted with its row
      -- (`AuditChain`). Rows of before keep their hashes: what their text begins with is their subject,
      -- and is proved by it.
      DROP TRIGGER audit_is_not_changed;
      ALTER TABLE audit ADD COLUMN subject TEXT;
      UPDATE audit SET subject = substr(text, 1, instr(text, ': ') - 1)
        WHERE kind IN ('pause', 'resume-job', 'cancel', 'run-job', 'retry', 'trust-clock')
          AND instr(text, ': ') > 1;
      CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
      WHEN old.hash IS NOT NULL OR new.hash IS NULL OR new.id <> old.id OR new.time <> old.time
        OR new.kind <> old.kind OR new.text <> old.text OR new.who IS NOT old.who
        OR new.origin IS NOT old.origin OR new.subject IS NOT old.subject
      BEGIN
        SELECT raise(ABORT, 'rows of the audit are never changed');
      END;
      CREATE INDEX audit_subject ON audit (subject, kind, id) WHERE subject IS NOT NULL;

      -- The splits of instruments that were booked, so that a source's unadjusted candles are understood.
      CREATE TABLE split (
        symbol TEXT NOT NULL,
        time INTEGER NOT NULL,
        ratio REAL NOT NULL CHECK (ratio > 0),
        PRIMARY KEY (symbol, time)
      ) STRICT, WITHOUT ROWID;

      -- What was posted to the book of fees, kept with each entry.
      CREATE TABLE fee_total (
        account TEXT NOT NULL REFERENCES account (name),
        asset TEXT NOT NULL,
        amount TEXT NOT NULL,
        PRIMARY KEY (account, asset)
      ) STRICT, WITHOUT ROWID;
      """,
    // SQL has no decimals: the sums of an older database are added up here.
    fill: EntryTable<WriteTransaction>.recountFees)
}
