// What is asked at every run or every page of a history is found without reading all that ever ran.

extension Migration {
  static let migration008 = Migration(
    number: 8,
    sql: """
      -- The runs whose output is kept. Before, they were found by leaps through the output of all jobs.
      CREATE TABLE run_printed (
        job TEXT NOT NULL,
        slot INTEGER NOT NULL,
        run INTEGER NOT NULL REFERENCES run (id),
        PRIMARY KEY (job, slot)
      ) STRICT, WITHOUT ROWID;
      WITH RECURSIVE printed (run) AS (
        SELECT min(run) FROM run_output
        UNION ALL
        SELECT (SELECT min(o.run) FROM run_output o WHERE o.run > printed.run) FROM printed
        WHERE printed.run IS NOT NULL
      )
      INSERT INTO run_printed SELECT run.job, run.slot, run.id FROM printed JOIN run ON run.id = printed.run;

      -- The newest runs of all jobs, and those of them that failed.
      CREATE INDEX run_by_slot ON run (slot);
      CREATE INDEX run_failed_by_slot ON run (slot) WHERE state IN ('failed', 'timed-out');
      """)
}
