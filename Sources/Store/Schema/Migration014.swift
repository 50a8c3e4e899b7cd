// Accounts whose orders leave this machine.

extension Migration {
  static let migration014 = Migration(
    number: 14,
    sql: """
      -- Where the account is, as the address of its exchange; NULL on paper.
      ALTER TABLE account ADD COLUMN place TEXT;
      -- 1 where the exchange is one for trying out: its `mode` is `live`, its money is not real.
      ALTER TABLE account ADD COLUMN test INTEGER CHECK (test = 1);
      """)
}
