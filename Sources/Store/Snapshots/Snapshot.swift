import Cryptography
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
  /// The hash of the database in it, in hexadecimal.
  public var rawSHA256: String
  /// The version of the schema of the database in it.
  public var schemaVersion: Int
  /// The number of rows of each table.
  public var rows: [String: Int64]
  /// When it was last restored to a temporary file and found whole; nil: never.
  public var verified: Instant?
  /// When it was last found damaged; nil: never, or it was found whole since.
  public var damaged: Instant?
  /// Why it is kept: `daily`, `monthly`; nil when nothing was decided yet.
  public var keep: String?

  /// The name of the compressed database.
  public var file: String

  /// The largest manifest that is read, in bytes: there are a few dozen tables.
  static let maximumManifestBytes = 64 * 1024
  static let format = "carillon.snapshot/2"
  /// What was written before manifests bore a hash of themselves.
  static let formatWithoutSum = "carillon.snapshot/1"

  /// The manifest. Its last member is the SHA-256 of all before it, as text on one line: a manifest
  /// is what the frame is judged by, so it must be judged itself.
  var manifest: String {
    var members = members
    members.append(.init("manifest_sha256", .string(Self.sum(of: members))))
    return JSONValue.object(members).text(indented: true) + "\n"
  }

  private static func sum(of members: [JSONValue.Member]) -> String {
    SHA256.hexadecimal(JSONValue.object(members).text().utf8)
  }

  private var members: [JSONValue.Member] {
    func time(_ instant: Instant?) -> JSONValue { instant.map { .string("\($0)") } ?? .null }
    let counts = rows.sorted { $0.key < $1.key }.map { JSONValue.Member($0, .number($1)) }
    return [
      .init("schema", .string(Self.format)), .init("id", .string("\(id)")),
      .init("file", .string(file)), .init("taken", time(taken)), .init("size", .number(sizeBytes)),
      .init("sha256", .string(sha256)), .init("raw_size", .number(rawSizeBytes)),
      .init("raw_sha256", .string(rawSHA256)), .init("schema_version", .number(schemaVersion)),
      .init("verified", time(verified)), .init("damaged", time(damaged)),
      .init("keep", keep.map { .string($0) } ?? .null), .init("rows", .object(counts)),
    ]
  }

  /// Reads a manifest; nil when the text is not one.
  init?(manifest bytes: [UInt8]) {
    var limits = JSONValue.Limits()
    limits.maximumBytes = Self.maximumManifestBytes
    limits.maximumDepth = 4
    let value: JSONValue
    do { value = try JSONValue.parse(bytes, limits: limits) } catch { return nil }
    func text(_ key: String) -> String? { value[key]?.string }
    func time(_ key: String) -> Instant? { text(key).flatMap { Instant(rfc3339: $0) } }
    guard Self.isWhole(value), let id = text("id").flatMap({ SnapshotID($0) }),
      let taken = time("taken"), let size = value["size"]?.int, size >= 0,
      let sha256 = text("sha256"), let rawSize = value["raw_size"]?.int, rawSize >= 0,
      let rawSHA256 = text("raw_sha256"), let version = value["schema_version"]?.int,
      let members = value["rows"]?.object
    else { return nil }
    self.id = id
    self.taken = taken
    file = Self.file(of: id)
    (sizeBytes, self.sha256) = (Int64(size), sha256)
    (rawSizeBytes, self.rawSHA256) = (Int64(rawSize), rawSHA256)
    schemaVersion = version
    rows = [:]
    for member in members {
      guard let count = member.value.int else { return nil }
      rows[member.key] = Int64(count)
    }
    verified = time("verified")
    damaged = time("damaged")
    keep = text("keep")
  }

  /// Whether a manifest is of a format that is known, and what was written.
  private static func isWhole(_ value: JSONValue) -> Bool {
    guard value["schema"]?.string != formatWithoutSum else { return true }
    guard value["schema"]?.string == format, let members = value.object,
      let last = members.last, last.key == "manifest_sha256"
    else { return false }
    return last.value.string == sum(of: Array(members.dropLast()))
  }

  static func file(of id: SnapshotID) -> String { "\(id).db.zst" }

  init(
    id: SnapshotID, taken: Instant, frame: ZstdFrame.Sums, schemaVersion: Int, rows: [String: Int64]
  ) {
    self.id = id
    self.taken = taken
    file = Self.file(of: id)
    (sizeBytes, sha256) = (frame.size, frame.sha256)
    (rawSizeBytes, rawSHA256) = (frame.rawSize, frame.rawSHA256)
    self.schemaVersion = schemaVersion
    self.rows = rows
  }
}
