// Every change of an asset as postings of a balanced entry. What the fills so far changed is booked
// by copying their texts, so that no digit passes through arithmetic.

extension Migration {
  static let migration004 = Migration(
    number: 4,
    sql: """
      CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (name),
        kind TEXT NOT NULL CHECK (kind IN ('opening', 'fill', 'deposit', 'withdrawal', 'transfer',
          'dividend', 'split', 'fee', 'settlement', 'adjustment')),
        time INTEGER NOT NULL,
        reason TEXT NOT NULL,
        symbol TEXT,
        flow TEXT,
        client_id TEXT REFERENCES orders (client_id),
        fill TEXT,
        created INTEGER NOT NULL,
        CHECK ((client_id IS NULL) = (fill IS NULL))
      ) STRICT;
      CREATE INDEX entry_of_account ON entry (account, time);
      CREATE INDEX entry_of_symbol ON entry (symbol, time) WHERE symbol IS NOT NULL;
      CREATE UNIQUE INDEX entry_of_fill ON entry (client_id, fill) WHERE client_id IS NOT NULL;

      CREATE TABLE posting (
        entry INTEGER NOT NULL REFERENCES entry (id),
        n INTEGER NOT NULL,
        book TEXT NOT NULL CHECK (book IN ('held', 'market', 'fees', 'owner', 'income', 'issuer')),
        asset TEXT NOT NULL,
        amount TEXT NOT NULL,
        PRIMARY KEY (entry, n)
      ) STRICT, WITHOUT ROWID;

      INSERT INTO entry (account, kind, time, reason, created)
        SELECT name, 'opening', opened, 'the account''s first cash', opened FROM account;
      INSERT INTO posting (entry, n, book, asset, amount)
        SELECT entry.id, 0, 'held', account.quote, account.initial
        FROM entry JOIN account ON account.name = entry.account WHERE account.initial <> '0';
      INSERT INTO posting (entry, n, book, asset, amount)
        SELECT entry.id, 1, 'owner', account.quote, '-' || account.initial
        FROM entry JOIN account ON account.name = entry.account WHERE account.initial <> '0';

      INSERT INTO entry (account, kind, time, reason, client_id, fill, created)
        SELECT orders.account, 'fill', fill.time, orders.side, fill.client_id,
          CAST(fill.number AS TEXT), fill.created
        FROM fill JOIN orders USING (client_id)
        ORDER BY fill.created, orders.plan, orders.position, fill.number;
      INSERT INTO posting (entry, n, book, asset, amount)
        SELECT entry.id, place.n, place.book,
          CASE WHEN place.part = 'base' THEN substr(orders.symbol, 1, instr(orders.symbol, '-') - 1)
            WHEN place.part = 'quote' THEN substr(orders.symbol, instr(orders.symbol, '-') + 1)
            ELSE fill.fee_asset END,
          CASE WHEN (place.part = 'base') = (orders.side = 'buy') AND place.part <> 'fee'
              THEN iif(place.book = 'held', '', '-')
            ELSE iif(place.book = 'held', '-', '') END
          || CASE place.part WHEN 'base' THEN fill.quantity WHEN 'quote' THEN fill.value
            ELSE fill.fee END
        FROM entry JOIN fill ON fill.client_id = entry.client_id
          AND CAST(fill.number AS TEXT) = entry.fill
        JOIN orders ON orders.client_id = fill.client_id
        JOIN (
          SELECT 0 AS n, 'held' AS book, 'base' AS part
          UNION ALL SELECT 1, 'market', 'base'
          UNION ALL SELECT 2, 'held', 'quote'
          UNION ALL SELECT 3, 'market', 'quote'
          UNION ALL SELECT 4, 'held', 'fee'
          UNION ALL SELECT 5, 'fees', 'fee'
        ) AS place
        WHERE CASE place.part WHEN 'base' THEN fill.quantity WHEN 'quote' THEN fill.value
          ELSE fill.fee END <> '0'
        ORDER BY entry.id, place.n;
      """)
}
