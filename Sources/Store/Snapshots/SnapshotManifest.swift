public import Cryptography
import Domain

// The description of a snapshot as a file, in the words of docs/DATA.md.

extension Snapshot {
  /// The largest manifest that is read, in bytes: some dozens of tables, and all that is held.
  public static let maximumManifestBytes = 1 << 20

  /// The manifest. First what was true when it was taken, then the signature over that as text on one
  /// line, then what has become of it since. Its last member is the SHA-256 of all before it, as text on
  /// one line: a manifest is what the frame is judged by, so it must be judged itself.
  public var manifest: String {
    var members = signature == nil ? formerStatement : statement
    if let signature {
      members.append(.init("signature", .string(Base64.text(signature.bytes))))
    }
    members += state
    members.append(.init("manifest_sha256", .string(Self.sum(of: members))))
    return JSONValue.object(members).text(indented: true) + "\n"
  }

  /// Signs what is true of it from now on.
  public mutating func sign(_ key: Ed25519Key) { sign(key, as: .newest) }

  mutating func sign(_ key: Ed25519Key, as format: SnapshotFormat) {
    self.format = format
    signature = SnapshotSignature(key: key.verifying, bytes: [])
    let bytes = key.signature(of: Self.line(statement))
    signature?.bytes = bytes
  }

  private static func line(_ members: [JSONValue.Member]) -> [UInt8] {
    Array(JSONValue.object(members).text().utf8)
  }

  private static func sum(of members: [JSONValue.Member]) -> String {
    SHA256.hexadecimal(line(members))
  }

  /// What was true when it was taken: signed, and never changed.
  private var statement: [JSONValue.Member] {
    let sums = (ledger ?? [:]).sorted { $0.key < $1.key }.map { account, held in
      JSONValue.Member(
        account,
        .object(
          held.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value.description)) }))
    }
    func text(_ key: String, _ value: String?) -> JSONValue.Member {
      .init(key, value.map { .string($0) } ?? .null)
    }
    var members = [JSONValue.Member("schema", .string(format.rawValue))] + body
    members.append(text("parent", parent.map { "\($0)" }))
    if format.tellsAuditHead { members.append(text("parent_sha256", parentSHA256)) }
    if format == .withPages {
      members.append(.init("page_bytes", pageBytes.map { .number($0) } ?? .null))
      members.append(text("pages_sha256", pagesSHA256))
    }
    members += [
      text("writer", writer), .init("rows", rowCounts), .init("ledger", .object(sums)),
    ]
    if format.tellsAuditHead { members.append(text("audit_head", auditHead)) }
    return members + [text("key", signature?.key.description)]
  }

  /// The same, where it was not signed.
  private var formerStatement: [JSONValue.Member] {
    [.init("schema", .string(SnapshotFormat.withoutSignature.rawValue))] + body
      + [.init("rows", rowCounts)]
  }

  private var body: [JSONValue.Member] {
    [
      .init("id", .string("\(id)")), .init("file", .string(file)),
      .init("taken", .string("\(taken)")), .init("size", .number(sizeBytes)),
      .init("sha256", .string(sha256)), .init("raw_size", .number(rawSizeBytes)),
      .init("raw_sha256", rawSHA256.map { .string($0) } ?? .null),
      .init("schema_version", .number(schemaVersion)),
    ]
  }

  private var rowCounts: JSONValue {
    .object(rows.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) })
  }

  /// What has become of it since.
  private var state: [JSONValue.Member] {
    func time(_ instant: Instant?) -> JSONValue { instant.map { .string("\($0)") } ?? .null }
    return [
      .init("verified", time(verified)), .init("damaged", time(damaged)),
      .init("keep", keep.map { .string($0) } ?? .null),
    ]
  }

  /// Reads a manifest; nil when the text is not one, or its signature is not of its own key.
  public init?(manifest bytes: [UInt8]) {
    var limits = JSONValue.Limits()
    limits.maximumBytes = Self.maximumManifestBytes
    limits.maximumDepth = 4
    let value: JSONValue
    do { value = try JSONValue.parse(bytes, limits: limits) } catch { return nil }
    func text(_ key: String) -> String? { value[key]?.string }
    func time(_ key: String) -> Instant? { text(key).flatMap { Instant(rfc3339: $0) } }
    guard let members = value.object,
      let format = text("schema").flatMap({ SnapshotFormat(rawValue: $0) }),
      Self.isWhole(members, format),
      let id = text("id").flatMap({ SnapshotID($0) }), let taken = time("taken"),
      let size = value["size"]?.int, size >= 0, let sha256 = text("sha256"),
      let rawSize = value["raw_size"]?.int, rawSize >= 0,
      let version = value["schema_version"]?.int, let counts = value["rows"]?.object
    else { return nil }
    self.id = id
    self.taken = taken
    parent = text("parent").flatMap { SnapshotID($0) }
    file = Self.file(of: id, isDelta: parent != nil)
    (sizeBytes, self.sha256) = (Int64(size), sha256)
    (rawSizeBytes, rawSHA256) = (Int64(rawSize), text("raw_sha256"))
    schemaVersion = version
    rows = [:]
    for member in counts {
      guard let count = member.value.int else { return nil }
      rows[member.key] = Int64(count)
    }
    verified = time("verified")
    damaged = time("damaged")
    keep = text("keep")
    writer = text("writer")
    self.format = format.isSigned ? format : .withoutSignature
    if format == .withPages {
      (pageBytes, pagesSHA256) = (value["page_bytes"]?.int, text("pages_sha256"))
    }
    guard isToldByItsHashes(format) else { return nil }
    guard format.isSigned else { return }
    (auditHead, parentSHA256) = (text("audit_head"), text("parent_sha256"))
    guard !format.tellsAuditHead || (parent == nil) == (parentSHA256 == nil) else { return nil }
    guard let held = Self.ledger(value["ledger"]), let key = text("key"),
      let signature = Self.signature(members, by: key)
    else { return nil }
    ledger = held
    self.signature = signature
  }

  /// Whether there is a hash to hold its database against: of a whole one, the file's; of a difference, that
  /// of its pages, since there were such.
  private func isToldByItsHashes(_ format: SnapshotFormat) -> Bool {
    guard (pageBytes == nil) == (pagesSHA256 == nil) else { return false }
    if let pageBytes {
      guard SnapshotDelta.pageSizes.contains(pageBytes), rawSizeBytes % Int64(pageBytes) == 0
      else { return false }
    }
    return parent != nil && format == .withPages ? pagesSHA256 != nil : rawSHA256 != nil
  }

  private static func ledger(_ value: JSONValue?) -> [String: [String: Amount]]? {
    guard let accounts = value?.object else { return nil }
    var ledger: [String: [String: Amount]] = [:]
    for account in accounts {
      guard let assets = account.value.object else { return nil }
      for asset in assets {
        guard let amount = asset.value.string.flatMap({ Amount($0) }) else { return nil }
        ledger[account.key, default: [:]][asset.key] = amount
      }
    }
    return ledger
  }

  private static func signature(
    _ members: [JSONValue.Member], by text: String
  ) -> SnapshotSignature? {
    let signed = members.prefix { $0.key != "signature" }
    guard let key = Ed25519VerifyingKey(text), signed.count < members.count,
      let bytes = members[signed.count].value.string.flatMap({ Base64.bytes($0) }),
      key.isValid(bytes, of: line(Array(signed)))
    else { return nil }
    return SnapshotSignature(key: key, bytes: bytes)
  }

  /// Whether a manifest is what was written.
  private static func isWhole(_ members: [JSONValue.Member], _ format: SnapshotFormat) -> Bool {
    guard format != .withoutSum else { return true }
    guard let last = members.last, last.key == "manifest_sha256" else { return false }
    return last.value.string == sum(of: Array(members.dropLast()))
  }

  static func file(of id: SnapshotID, isDelta: Bool = false) -> String {
    "\(id)\(isDelta ? SnapshotDelta.suffix : ".db.zst")"
  }

  init(id: SnapshotID, taken: Instant, frame: ZstdFrame.Sums, facts: DatabaseFacts) {
    self.id = id
    self.taken = taken
    file = Self.file(of: id)
    (sizeBytes, sha256) = (frame.size, frame.sha256)
    (rawSizeBytes, rawSHA256) = (frame.rawSize, frame.rawSHA256)
    (schemaVersion, rows, ledger) = (facts.schemaVersion, facts.rows, facts.held)
    auditHead = facts.auditHead
    writer = Version.text
  }
}
