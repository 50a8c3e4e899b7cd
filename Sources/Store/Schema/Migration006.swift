// What a clock that was once ahead must not stop or blind.

extension Migration {
  static let migration006 = Migration(
    number: 6,
    sql: """
      -- The newest slot whose row was pruned: none at or below it fires.
      ALTER TABLE job_mark ADD COLUMN floor INTEGER;
      -- When the pause by hand began, as the clock of then had it.
      ALTER TABLE job_mark ADD COLUMN paused_since INTEGER;
      -- When the clock was set back and this slot, which has an attempt, had not come yet.
      ALTER TABLE run ADD COLUMN ahead INTEGER;
      CREATE INDEX run_ahead ON run (job, ahead) WHERE ahead IS NOT NULL;
      """)
}
