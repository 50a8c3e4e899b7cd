public import Domain
public import Store

extension Snapshot {
  /// The snapshot for machines.
  public var json: JSONValue { .object(members) }

  /// The snapshot as an answer of its own.
  public var answer: JSONValue {
    .object([.init("schema", .string("carillon.snapshot/1"))] + members)
  }

  private var members: [JSONValue.Member] {
    [
      .init("id", .string("\(id)")), .init("file", .string(file)), .init("taken", .time(taken)),
      .init("size_bytes", .number(sizeBytes)), .init("raw_size_bytes", .number(rawSizeBytes)),
      .init("sha256", .string(sha256)), .init("raw_sha256", .text(rawSHA256)),
      .init("pages_sha256", .text(pagesSHA256)),
      .init("schema_version", .number(schemaVersion)), .init("verified", .time(verified)),
      .init("damaged", .time(damaged)), .init("keep", .text(keep)),
      .init("parent", .text(parent.map { "\($0)" })), .init("writer", .text(writer)),
      .init("audit_head", .text(auditHead)),
      .init("signed_by", .text(signature.map { "\($0.key)" })),
    ]
  }
}

/// The answer to `snapshot list`: what a folder holds, newest first.
public struct SnapshotListAnswer: Sendable {
  /// The folder.
  public var folder: String
  /// The snapshots.
  public var snapshots: [Snapshot]
  /// The compressed databases without a description that can be read.
  public var undescribed: [String]

  /// Looks into a folder.
  ///
  /// - Throws: a `Fault` when it cannot be read.
  public init(_ folder: SnapshotFolder) throws {
    self.folder = folder.path
    snapshots = try folder.list().sorted { $0.id > $1.id }
    undescribed = try folder.undescribed()
  }

  /// The answer for machines.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.snapshot.list/1")), .init("folder", .string(folder)),
      .init("snapshots", .array(snapshots.map(\.json))),
      .init("undescribed", .array(undescribed.map { .string($0) })),
    ])
  }
}
