// What pruning asks for is found without reading all that there is.

extension Migration {
  static let migration012 = Migration(
    number: 12,
    sql: """
      -- 1 when candles or rows of features name this run: it stays as long as they do. They are too many
      -- for an index of the runs that they name.
      ALTER TABLE run ADD COLUMN wrote INTEGER CHECK (wrote = 1);
      UPDATE run SET wrote = 1
        WHERE id IN (SELECT run FROM candle UNION SELECT run FROM feature);

      -- How far pruning has looked through the runs of a job, and through its scores.
      ALTER TABLE job_mark ADD COLUMN pruned INTEGER;
      ALTER TABLE job_mark ADD COLUMN scores_pruned INTEGER;

      -- Whatever else names a run.
      CREATE INDEX candle_correction_of_run ON candle_correction (run) WHERE run IS NOT NULL;
      CREATE INDEX candle_correction_by_run ON candle_correction (corrected_by)
        WHERE corrected_by IS NOT NULL;
      CREATE INDEX quarantine_of_run ON quarantine (run) WHERE run IS NOT NULL;
      CREATE INDEX plan_of_run ON plan (run) WHERE run IS NOT NULL;
      CREATE INDEX equity_of_run ON equity (run) WHERE run IS NOT NULL;
      CREATE INDEX snapshot_of_run ON snapshot (run) WHERE run IS NOT NULL;
      CREATE INDEX universe_of_run ON universe (run) WHERE run IS NOT NULL;

      -- The slot whose scores a plan was made of, JOB@TIME, as its detail says.
      ALTER TABLE plan ADD COLUMN scored TEXT;
      UPDATE plan SET scored = json_extract(detail, '$.scores') WHERE json_valid(detail);
      CREATE INDEX plan_of_scores ON plan (scored) WHERE scored IS NOT NULL;
      """)
}
