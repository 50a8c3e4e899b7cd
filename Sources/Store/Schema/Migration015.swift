// An audit that shows when it was rewritten.

extension Migration {
  static let migration015 = Migration(
    number: 15,
    sql: """
      -- Who did it, and from where; NULL in rows from before the chain.
      ALTER TABLE audit ADD COLUMN who TEXT;
      ALTER TABLE audit ADD COLUMN origin TEXT;
      -- SHA-256 over the row and the link before it (`AuditChain`). Rows from before the chain are NULL
      -- until the first row that is added afterwards links them.
      ALTER TABLE audit ADD COLUMN hash TEXT;

      CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
      BEGIN
        SELECT raise(ABORT, 'rows of the audit are never deleted');
      END;
      CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
      WHEN old.hash IS NOT NULL OR new.hash IS NULL OR new.id <> old.id OR new.time <> old.time
        OR new.kind <> old.kind OR new.text <> old.text OR new.who IS NOT old.who
        OR new.origin IS NOT old.origin
      BEGIN
        SELECT raise(ABORT, 'rows of the audit are never changed');
      END;
      """)
}
