public import Domain

/// A snapshot as its manifest tells it: a JSON file beside the compressed database.
public struct Snapshot: Hashable, Sendable, Identifiable {
  /// Its name.
  public var id: SnapshotID
  /// When the copy was taken: all that was committed before is in it.
  public var taken: Instant
  /// The size of the file, in bytes.
  public var sizeBytes: Int64
  /// The hash of the file, in hexadecimal.
  public var sha256: String
  /// The size of the database in it, in bytes.
  public var rawSizeBytes: Int64
  /// The hash of the database in it, in hexadecimal; nil where it is told by its pages alone: of a
  /// difference.
  public var rawSHA256: String?
  /// The hash of the hashes of the pages of the database in it, in hexadecimal (`PageHashes`); nil where
  /// nothing is compared with it, and where it was described before this was told.
  public var pagesSHA256: String?
  /// The size of a page of the database in it, in bytes; nil where `pagesSHA256` is.
  public var pageBytes: Int?
  /// The version of the schema of the database in it.
  public var schemaVersion: Int
  /// The number of rows of each table.
  public var rows: [String: Int64]
  /// What is held of each asset, by account; nil where it was described before this was told.
  public var ledger: [String: [String: Amount]]?
  /// The newest link of the audit in it; nil where nothing was chained, or where it was described before
  /// this was told.
  public var auditHead: String?
  /// The snapshot that this one is a difference to; nil where it is whole.
  public var parent: SnapshotID?
  /// What that one tells its database by, in hexadecimal; nil where it is whole.
  public var parentSHA256: String?
  /// The version of Carillon that took it; nil where it was described before this was told.
  public var writer: String?
  /// Whose description it is; nil where it was made before they were signed, or found without one.
  public var signature: SnapshotSignature?
  /// When it was last restored to a temporary file and found whole; nil: never.
  public var verified: Instant?
  /// When it was last found damaged; nil: never, or it was found whole since.
  public var damaged: Instant?
  /// Why it is kept: `daily`, `monthly`; nil when nothing was decided yet.
  public var keep: String?

  /// The format that it was described in, which its signature holds to.
  public var format = SnapshotFormat.newest

  /// The name of the compressed database.
  public var file: String

  /// What its database is told by: the hash of its pages' hashes, or, where there is none, its own.
  public var databaseSHA256: String { pagesSHA256 ?? rawSHA256 ?? "" }

  /// It, as far as a policy asks.
  var candidate: KeepPolicy.Candidate<SnapshotID> {
    .init(id: id, taken: taken, isProven: verified != nil, parent: parent)
  }
}

/// The formats of descriptions, oldest first.
public enum SnapshotFormat: String, CaseIterable, Sendable {
  /// Without a hash of itself.
  case withoutSum = "carillon.snapshot/1"
  /// With a hash of itself, not signed.
  case withoutSignature = "carillon.snapshot/2"
  /// Signed, with what is held.
  case withSignature = "carillon.snapshot/3"
  /// Signed, with the newest link of the audit and the hash of the parent's database too.
  case withAuditHead = "carillon.snapshot/4"
  /// And the hash of the pages' hashes: of a difference, it alone.
  case withPages = "carillon.snapshot/5"

  /// What is written.
  static let newest = withPages

  /// Whether descriptions of it bear a signature.
  var isSigned: Bool { self == .withSignature || tellsAuditHead }

  /// Whether descriptions of it tell the newest link of the audit, and the hash of the parent's database.
  var tellsAuditHead: Bool { self == .withAuditHead || self == .withPages }
}
