import Domain
import GRDB

/// A model file that was used.
public struct ModelRecord: Hashable, Sendable {
  /// The hash of the file: its identity.
  public var sha256: String
  /// The kind of model.
  public var kind: String
  /// The name that the file gives itself, if any.
  public var name: String?
  /// The path that it was read from.
  public var file: String
  /// The names of its features, in their order.
  public var features: [String]

  /// A model of these parts.
  public init(sha256: String, kind: String, name: String?, file: String, features: [String]) {
    self.sha256 = sha256
    self.kind = kind
    self.name = name
    self.file = file
    self.features = features
  }
}

/// The models that were used.
public struct ModelTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The model with this hash.
  public func model(sha256: String) throws -> ModelRecord? {
    try Row.fetchOne(db, sql: "SELECT * FROM model WHERE sha256 = ?", arguments: [sha256])
      .map(Self.record)
  }

  /// All models, oldest first.
  public func all() throws -> [ModelRecord] {
    try Row.fetchAll(db, sql: "SELECT * FROM model ORDER BY created, sha256").map(Self.record)
  }

  private static func record(_ row: Row) -> ModelRecord {
    ModelRecord(
      sha256: row["sha256"], kind: row["kind"], name: row["name"], file: row["file"],
      features: NameList.split(row["features"]))
  }
}

extension ModelTable where Tx == WriteTransaction {
  /// Remembers a model; a file that moved keeps its first path.
  public func register(_ model: ModelRecord) throws {
    try db.execute(
      sql: """
        INSERT INTO model (sha256, kind, name, file, features, created) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """,
      arguments: [
        model.sha256, model.kind, model.name, model.file, try NameList.joined(model.features),
        tx.now.milliseconds,
      ])
  }
}
