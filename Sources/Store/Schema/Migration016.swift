// What is asked of trades and payments at each run and page, and was found by reading all of them.

extension Migration {
  static let migration016 = Migration(
    number: 16,
    sql: """
      -- The newest trades.
      CREATE INDEX fill_newest ON fill (time);
      -- What was traded of a candle's volume.
      CREATE INDEX fill_of_candle ON fill (candle) WHERE candle IS NOT NULL;
      -- What was paid in and out; trades, which are most entries, are none of it.
      CREATE INDEX entry_flows ON entry (account, time, id) WHERE flow IS NOT NULL;
      """)
}
