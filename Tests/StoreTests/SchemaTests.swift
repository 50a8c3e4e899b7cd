import Cryptography
import Foundation
import GRDB
import Testing

@testable import Store

@Suite("The schema")
struct SchemaTests {
  /// The SHA-256 of each released migration. A line is added with a migration and never changed: a
  /// database in the field has run that very text. (Until the first release, migration 1 may be
  /// edited, and its line with it.)
  static let hashes = [
    "17e1d824c817344d48fe7db2a6c39a4572a8ee098738375d5d226bd4d413588b",
    "b4cca52aa12918cd116fab9606dbfdcc12112ac97b990cc42d92e9b3de043b8e",
    "f21c792a9f7ce3ec5e0dd7f36718b7f28a54633428b90450dceea109bb875f8f",
    "c950e84a24764d0c5d13c100dece72f7838a5fdb403ead13feddc224e0ec87de",
    "8f5fc1c3c5ffe567e274b88e84591dd4e62450db881d0e76546f5d9ee4d98a1d",
    "e6685a7dab663aef3011c3a34bebdde1433b5171f4c3931ab2f08dbd9938de2a",
    "75a2309639aadbea666ec0eb9bdcff99e127b7af1c8ad70ef8ab63af48862d53",
    "f7fa5b76be76b575f23a9b714f09a0ef98b98a877c659169e1f7b5f370138503",
    "083443a33d3e6292c08acad4da59a770018cf34e197a4bc2dedc47e1c606367f",
    "cddade327b0762744d9546298ddc2772ac357b0807130c19e83c334476ffa538",
    "44359539851be0f64cb3a87e63598443de1e91a4f9c785120a89a2954be972fc",
    "5b6a39da1a8cda7d3851f5631d47f1f77f7f1f7db52ce944ff9a134003e60088",
    "5e6d8f9a930e7f812e3398de65cbc2350961e63662d7357818bb870b3b2ede12",
    "62efc5c8f5a7c5218f0a85e593fe25c80f58018f1bad1af45d5bdaee9593e785",
    "7473d0749624150eb755802e404f1cd17dda329b795d4a085d7b4af6c87ffc4a",
    "3ad8997a3890ccf0e543a1c5cd425aefd225fd9bc69a83b0f83d0c350393c096",
    "7a8e3a3a65b7048e6cfe5edd5a02274daaad721a3cc76e196b9c3b53ba887834",
    "3eb2fb1f80aa0832ea15cfc7d9f68864647a310fb7af099e17e66c5fa2edecfa",
  ]

  @Test func migrationsAreNumberedAndUnchanged() {
    let found = Schema.migrations.map { migration in
      SHA256.hexadecimal(migration.sql.utf8)
    }
    #expect(found == Self.hashes)
    #expect(Schema.migrations.map(\.number) == Array(1...Schema.migrations.count))
  }

  /// The whole schema as SQLite tells it, against the file that people read. To accept a change:
  /// `CARILLON_ACCEPT_GOLDEN=1 swift test --filter SchemaTests`.
  @Test func theSchemaIsTheGoldenFile() throws {
    let store = try database.open()
    try expectGolden("schema.sql", try store.connections.read { try Self.text(of: $0) })
  }

  /// An older schema, which scripts/kill_loop.py fills and has migrated under its kills: the newest that
  /// every later one only adds to, so that rows of today can be put back into it.
  @Test func anOlderSchemaIsTheGoldenFile() throws {
    let older = try DatabaseQueue(path: database.path)
    let text = try older.inDatabase { db in
      for migration in Schema.migrations.prefix(5) { try db.execute(sql: migration.sql) }
      return try Self.text(of: db)
    }
    try older.close()
    try expectGolden(
      "schema-005.sql",
      "PRAGMA application_id = \(Schema.applicationID);\nPRAGMA user_version = 5;\n\n" + text)
  }

  private static func text(of db: Database) throws -> String {
    try String.fetchAll(
      db,
      sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name"
    ).map { $0 + ";\n" }.joined(separator: "\n")
  }

  private func expectGolden(_ name: String, _ text: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(name)")
    if ProcessInfo.processInfo.environment["CARILLON_ACCEPT_GOLDEN"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == text)
  }

  @Test func everyTableIsStrict() throws {
    let store = try database.open()
    let loose = try store.connections.read { db in
      try String.fetchAll(
        db, sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict")
    }
    #expect(loose == ["sqlite_schema"])
  }

  let database = TestDatabase()
}
