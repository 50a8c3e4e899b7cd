import Disk
public import Domain
import GRDB
import Glibc

/// A directory of snapshots: for each `S0121.db.zst`, the compressed database, or `S0121.delta.zst`, the
/// pages that differ from its parent's, and `S0121.json`, its manifest. A snapshot is there when its manifest is; the manifest is written last and removed
/// first.
///
/// It needs no database, since that may be what was lost.
public struct SnapshotFolder: Sendable {
  /// The path of the directory.
  public let path: String
  /// A link of the audit that was seen elsewhere, which what is restored must hold: else it is from
  /// before, or of another history; nil: nothing is expected.
  public var expectedHead: String?
  /// Whether a restore proves what was proved before: what it puts down has the same bytes, so that it asks
  /// SQLite again only where nobody has, or who says so is not believed, as of a copy from far away.
  public var provesAgain = false

  /// The directory of this path, which need not be there yet.
  public init(_ path: String) { self.path = path }

  /// All snapshots, oldest first. A manifest that makes no sense is not one, and neither is one that a
  /// service thins out while the directory is read.
  ///
  /// - Throws: exit 66 when there is no such directory.
  public func list() throws(Fault) -> [Snapshot] {
    var snapshots: [Snapshot] = []
    for name in try names() where name.hasSuffix(".json") {
      guard let id = SnapshotID(name.dropLast(5)), name == "\(id).json" else { continue }
      let bytes: [UInt8]
      do {
        bytes = try InputFile.contents("\(path)/\(name)", limit: Snapshot.maximumManifestBytes)
      } catch let fault where fault.exit == .noInput {
        continue
      }
      if let snapshot = Snapshot(manifest: bytes), snapshot.id == id { snapshots.append(snapshot) }
    }
    return snapshots.sorted { $0.id < $1.id }
  }

  /// The snapshot of an id.
  ///
  /// - Throws: exit 66 when there is none, 65 when its manifest is damaged.
  public func snapshot(_ id: SnapshotID) throws(Fault) -> Snapshot {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.contents(manifest(id), limit: Snapshot.maximumManifestBytes)
    } catch let fault where fault.exit == .noInput {
      throw Fault(
        "find snapshot", "\(id)", cause: "there is none of this id in \(path)",
        remedy: "carillon snapshot list", exit: .noInput)
    }
    guard let snapshot = Snapshot(manifest: bytes), snapshot.id == id else {
      throw Fault(
        "read the manifest", manifest(id), cause: "it is damaged",
        remedy: "use another snapshot: carillon snapshot list", exit: .data)
    }
    return snapshot
  }

  /// Restores a snapshot to a temporary file and proves it whole: the hashes, SQLite's own integrity
  /// check, foreign keys, the number of rows of each table, what is held, and that its books add up:
  /// holdings from postings, postings from fills. Notes it in the manifest.
  ///
  /// - Throws: exit 65 when anything is not as it was, or the books do not add up, which they did not in
  ///   the database either: then it is not marked as damaged. 66 when the file is gone.
  @discardableResult
  public func verify(
    _ id: SnapshotID, at now: Instant, checkpoint: () throws -> Void = {}
  ) throws -> Snapshot {
    var snapshot = try snapshot(id)
    let target = "\(path)/\(id).verify"
    let temporary = NewFile.temporary(for: target)
    // Taken down whatever happens; a process that is killed leaves it to the next creation.
    defer { removeDatabase(temporary) }
    let findings: [String]
    do {
      let file = try NewFile(target)
      try unpack(snapshot, into: file, checkpoint: checkpoint)
      findings = try SnapshotProof(of: snapshot, in: temporary).check(checkpoint)
    } catch let fault as Fault where fault.exit == .data {
      // It stays marked, so that nobody takes it for a backup who has not asked.
      snapshot.damaged = now
      try write(snapshot)
      throw fault
    }
    guard findings.isEmpty else {
      throw Fault(
        "prove snapshot", "\(id)",
        cause: "it is what was written, but the books in it do not add up: "
          + findings.joined(separator: "; "),
        remedy: "compare with an older one: carillon snapshot verify --all", exit: .data)
    }
    snapshot.verified = now
    snapshot.damaged = nil
    try write(snapshot)
    return snapshot
  }

  /// The compressed databases without a manifest that can be read: copied back without it, or made by
  /// somebody else. They are never removed; `describe` looks into them.
  ///
  /// - Throws: exit 66 when there is no such directory.
  public func undescribed() throws(Fault) -> [String] {
    let described = Set(try list().map(\.file))
    return try names().filter {
      $0.hasSuffix(".zst") && !$0.hasPrefix(".") && !described.contains($0)
    }
  }

  /// Looks into a compressed database that has no manifest: it is unpacked to a temporary file beside
  /// it, proved, and described as a snapshot whose time is the file's.
  ///
  /// - Parameter name: its name in the directory.
  /// - Throws: exit 65 when it is damaged, or no database of Carillon; 66 when there is none.
  public func describe(_ name: String, checkpoint: () throws -> Void = {}) throws -> Snapshot {
    let source = "\(path)/\(name)"
    guard !name.hasSuffix(SnapshotDelta.suffix) else {
      throw Fault(
        "look into", source, cause: "it is a difference to another snapshot",
        remedy: "restore it by its number, beside its description and its chain", exit: .data)
    }
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    let target = "\(path)/\(stem).look"
    let temporary = NewFile.temporary(for: target)
    defer { removeDatabase(temporary) }
    let file = try NewFile(target)
    let sums = try ZstdFrame.decompress(source, limit: .max) { bytes in
      try checkpoint()
      try file.write(bytes)
    }
    let facts = try SnapshotProof.facts(of: name, in: temporary, checkpoint)
    var snapshot = Snapshot(
      id: SnapshotID(stem) ?? SnapshotID(number: 0),
      taken: Instant(seconds: try InputFile(source).modifiedSeconds()), frame: sums,
      facts: facts)
    snapshot.file = name
    try SnapshotProof(of: snapshot, in: temporary).check(checkpoint)
    return snapshot
  }

  /// Removes the directory with all that lies in it, of a copy that was brought back for a moment.
  ///
  /// - Throws: exit 74 when something cannot be removed.
  public func removeAll() throws(Fault) {
    try Folder.clear(path)
    guard rmdir(path) == 0 || errno == ENOENT else { throw FileFault.of("remove", path, errno) }
  }

  // MARK: - For the archive and for restoring

  /// The path of a snapshot's frame.
  public func frame(_ snapshot: Snapshot) -> String { "\(path)/\(snapshot.file)" }

  func manifest(_ id: SnapshotID) -> String { "\(path)/\(id).json" }

  /// The path of what is to become a snapshot's manifest once its frame has its name.
  func draft(_ id: SnapshotID) -> String { "\(path)/\(id)\(Self.draftSuffix)" }

  static let draftSuffix = ".draft"

  /// Writes a snapshot's manifest, which makes it one of this directory: its frame must be there.
  public func write(_ snapshot: Snapshot) throws(Fault) {
    try NewFile.write(snapshot.manifest, to: manifest(snapshot.id))
  }

  func names() throws(Fault) -> [String] { try Folder.names(in: path) }

  /// Decompresses the database of a whole snapshot and compares the hashes.
  func unpackWhole(
    _ snapshot: Snapshot, into file: borrowing NewFile, checkpoint: () throws -> Void
  ) throws {
    var raw = Tally()
    try unpackFrame(of: snapshot, into: file, checkpoint) { raw.add($0) }
    guard raw.digest == snapshot.rawSHA256, raw.size == snapshot.rawSizeBytes else {
      throw Self.unlike(
        frame(snapshot), "it does not hold the database that was written (SHA-256)")
    }
  }

  /// Decompresses the frame of a whole snapshot and compares its hash; that of what is in it is the caller's
  /// to compare, who sees it pass by.
  func unpackFrame(
    of snapshot: Snapshot, into file: borrowing NewFile, _ checkpoint: () throws -> Void,
    pass: (UnsafeRawBufferPointer) -> Void
  ) throws {
    let path = frame(snapshot)
    var behind = WriteBehind()
    let sums = try ZstdFrame.unpack(path, limit: snapshot.rawSizeBytes) { bytes in
      try checkpoint()
      try file.write(bytes)
      try behind.add(bytes.count, to: file)
      pass(bytes)
    }
    guard sums.sha256 == snapshot.sha256, sums.size == snapshot.sizeBytes else {
      throw Self.unlike(path, "it is not the file that was written (its SHA-256 differs)")
    }
  }

  static func unlike(_ subject: String, _ cause: String) -> Fault {
    Fault(
      "restore", subject, cause: cause,
      remedy: "use another snapshot: carillon snapshot list, carillon snapshot verify --all",
      exit: .data)
  }
}

/// Removes a database file with all that SQLite may have put beside it. What is not there is gone
/// already.
func removeDatabase(_ path: String) {
  for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
}
