import Cryptography
import Disk
public import Domain
import GRDB
import Glibc

/// Makes, proves and thins out the snapshots of a live database.
///
/// Each step is whole before the next: a draft of the manifest, the compressed file, the manifest under
/// its name, the row in the database. A process killed in between leaves temporary files, which the next
/// `create` removes, or a file with a draft that says what it is, which it adopts, or a snapshot without a
/// row, which it adds.
public struct SnapshotArchive: Sendable {
  /// Where the snapshots lie.
  public let folder: SnapshotFolder
  /// The file of the key that they are signed with.
  public let keyFile: SnapshotKeyFile
  /// When one is written as a difference to the one before.
  public let chains: ChainPolicy
  /// How hard frames are compressed, as zstd counts: 1 to 19.
  public let level: Int
  let store: Store

  /// The snapshots of a database in a directory, which is made when it is first needed.
  ///
  /// - Parameters:
  ///   - keyFile: the key that they are signed with; nil: the one beside the database.
  ///   - chains: when one is written as a difference to the one before.
  ///   - level: how hard frames are compressed, as zstd counts.
  public init(
    store: Store, folder: String, keyFile: SnapshotKeyFile? = nil,
    chains: ChainPolicy = ChainPolicy(deltas: 0), level: Int = 3
  ) {
    (self.store, self.chains, self.level) = (store, chains, level)
    self.keyFile = keyFile ?? .beside(store.path)
    self.folder = SnapshotFolder(folder)
  }

  /// Compresses the live database and puts the frame under its name.
  ///
  /// All pages are read inside one read transaction (`HeldPages`): it is the state after some commit,
  /// writers go on meanwhile, and it never has to start over.
  ///
  /// - Parameters:
  ///   - now: when.
  ///   - run: the run that does it; nil for a command.
  ///   - whole: whether it is to be whole, whatever the policy of chains says.
  ///   - checkpoint: called every few megabytes; what it throws ends the work and leaves nothing.
  /// - Throws: exit 73 or 74 when the directory or disk refuses, 75 when another process makes a
  ///   snapshot there.
  public func create(
    at now: Instant, run: Int64? = nil, whole: Bool = false, checkpoint: () throws -> Void = {}
  ) throws -> Snapshot {
    try withLock { () throws -> Snapshot in
      try removeLeftovers()
      try adopt()
      let key = try keyFile.key()
      let known = try folder.list()
      try remember(known)
      let last = try store.read { try $0.snapshots.lastID() }
      let named = try folder.undescribed().compactMap { SnapshotID($0.prefix { $0 != "." }) }
      let id =
        ([last].compactMap(\.self) + named + known.map(\.id)).max()?.next
        ?? SnapshotID(number: 1)
      try checkpoint()
      let pages = try HeldPages(store)
      let facts = try StoreFault.rethrowing("read the database", store.path) {
        try Interruptible.read(pages.connection, isHeld: true, checkpoint: checkpoint) {
          try DatabaseFacts($0)
        }
      }
      var made = try write(pages, as: id, at: now, facts, whole ? [] : known, checkpoint)
      try pages.close()
      var snapshot = made.snapshot
      snapshot.sign(key)
      // Killed from here on, the next creation knows the frame for what it is.
      try NewFile.write(snapshot.manifest, to: folder.draft(id))
      try made.frame.commit()
      try folder.write(snapshot)
      try remove(folder.draft(id))
      try keep(made.digests)
      try store.write(at: now) {
        try $0.snapshots.save(SnapshotRecord(snapshot), run: run)
        try $0.audit.append("snapshot", "\(id) taken, SHA-256 \(snapshot.sha256)")
      }
      return snapshot
    }
  }

  /// As `SnapshotFolder.verify`, and remembers it in the database.
  @discardableResult
  public func verify(
    _ id: SnapshotID, at now: Instant, checkpoint: () throws -> Void = {}
  ) throws -> Snapshot {
    let snapshot = try withLock {
      try folder.verify(id, at: now, checkpoint: checkpoint)
    }
    try store.write(at: now) { try $0.snapshots.save(SnapshotRecord(snapshot), run: nil) }
    return snapshot
  }

  /// Removes the snapshots that a policy does not keep, and notes why it keeps the others.
  ///
  /// - Returns: those that were removed.
  @discardableResult
  public func prune(
    _ policy: KeepPolicy, at now: Instant, checkpoint: () throws -> Void = {}
  ) throws -> [Snapshot] {
    try withLock { () throws -> [Snapshot] in
      let snapshots = try folder.list()
      let reasons = policy.reasons(snapshots.map(\.candidate))
      var dropped: [Snapshot] = []
      // Newest first: of a chain that is cut short by a kill, what is left is whole.
      for var snapshot in snapshots.reversed() {
        try checkpoint()
        if let reason = reasons[snapshot.id] {
          guard snapshot.keep != reason else { continue }
          snapshot.keep = reason
          try folder.write(snapshot)
          try store.write(at: now) { try $0.snapshots.save(SnapshotRecord(snapshot), run: nil) }
        } else {
          // The row first, so that no row is of a snapshot that is gone: of one that is there without
          // a row, the next thinning out is the end. Then the frame: it is never without its manifest,
          // which would make it a stranger's.
          try store.write(at: now) { try $0.snapshots.remove(snapshot.id) }
          try remove(folder.frame(snapshot))
          try remove(folder.manifest(snapshot.id))
          dropped.insert(snapshot, at: 0)
        }
      }
      return dropped
    }
  }

  /// What `prune` would remove, and why it would keep the others.
  public func pruning(
    by policy: KeepPolicy
  ) throws -> (dropped: [Snapshot], kept: [SnapshotID: String]) {
    let snapshots = try folder.list()
    let reasons = policy.reasons(snapshots.map(\.candidate))
    return (snapshots.filter { reasons[$0.id] == nil }, reasons)
  }

  /// One process at a time makes or removes snapshots in a directory.
  private func withLock<T>(_ body: () throws -> T) throws -> T {
    try Folder.make(folder.path)
    guard let lock = try LockFile(opening: "\(folder.path)/.lock", create: true) else {
      preconditionFailure("a file that is to be made is made, or opening it throws")
    }
    guard lock.take(shared: false) else {
      throw Fault(
        "use the snapshots in", folder.path, cause: "another process makes or removes one",
        remedy: "try again when it is done", exit: .tryAgain, isTransient: true)
    }
    return try body()
  }

  /// What a killed process left: temporary files. A frame without a manifest stays: it may be a copy
  /// that was brought back, and nobody can tell that it is not.
  private func removeLeftovers() throws {
    for name in try folder.names() {
      let isTemporary = [".tmp", ".tmp-journal", ".tmp-wal", ".tmp-shm"].contains {
        name.hasSuffix($0)
      }
      guard isTemporary, name.hasPrefix(".S"),
        SnapshotID(name.dropFirst().prefix { $0 != "." }) != nil
      else { continue }
      try remove("\(folder.path)/\(name)")
    }
  }

  /// Makes snapshots of the frames whose makers were killed before they could: of each a draft of the
  /// manifest is there, which tells the frame's hash. Another frame of the name is a stranger's, and stays.
  private func adopt() throws {
    for name in try folder.names() {
      guard name.hasSuffix(SnapshotFolder.draftSuffix),
        let id = SnapshotID(name.dropLast(SnapshotFolder.draftSuffix.utf8.count)),
        name == FilePath.name(of: folder.draft(id))
      else { continue }
      let bytes = try InputFile.contents(
        folder.draft(id), limit: Snapshot.maximumManifestBytes)
      if let snapshot = Snapshot(manifest: bytes), snapshot.id == id,
        access(folder.manifest(id), F_OK) != 0, access(folder.frame(snapshot), F_OK) == 0,
        try sha256(folder.frame(snapshot)) == snapshot.sha256
      {
        try folder.write(snapshot)
      }
      try remove(folder.draft(id))
    }
  }

  private func sha256(_ path: String) throws(Fault) -> String {
    let input = try InputFile(path)
    let hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try input.read(into: &buffer)
      guard count > 0 else { return hash.hexadecimal() }
      buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// Adds the rows of snapshots that were made just before their process was killed.
  private func remember(_ snapshots: [Snapshot]) throws {
    let last = try store.read { try $0.snapshots.lastID() } ?? SnapshotID(number: 0)
    for snapshot in snapshots where snapshot.id > last {
      try store.write(at: snapshot.taken) {
        try $0.snapshots.save(SnapshotRecord(snapshot), run: nil)
      }
    }
  }

  func remove(_ path: String) throws(Fault) {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileFault.of("remove", path, errno) }
  }
}

extension SnapshotRecord {
  init(_ snapshot: Snapshot) {
    self.init(
      id: snapshot.id, file: snapshot.file, taken: snapshot.taken, size: snapshot.sizeBytes,
      rawSize: snapshot.rawSizeBytes, sha256: snapshot.sha256,
      rawSHA256: snapshot.rawSHA256 ?? "pages:\(snapshot.databaseSHA256)",
      verified: snapshot.verified, keep: snapshot.keep, removed: nil)
  }
}
