import Disk
public import Domain
import GRDB
import Glibc

/// What a restore did, or, when it was a rehearsal, would have done.
public struct Restoration: Hashable, Sendable {
  /// The snapshot.
  public var snapshot: Snapshot
  /// The database that it became.
  public var path: String
  /// Where the database that was there lies now; nil when there was none.
  public var kept: String?
  /// Who holds the database at the path, as text for people: then only a rehearsal is possible.
  public var holder: String?
}

extension SnapshotFolder {
  /// Puts a snapshot in place of a database, or beside it.
  ///
  /// The snapshot is unpacked and proved first, then the database that is there is kept as
  /// `<path>.before-<id>`, then the new one takes its name in one step: a process killed anywhere
  /// leaves the one or the other, whole.
  ///
  /// - Parameters:
  ///   - id: the snapshot.
  ///   - path: where the database is to be.
  ///   - force: whether a database that is there is replaced.
  ///   - isRehearsal: whether all is proved and nothing is changed.
  ///   - now: when, for people.
  /// - Throws: exit 75 when `carillon run` or another process holds the database, 77 when it is
  ///   there and `force` is not given, 65 when the snapshot is damaged, 73 or 74 when the directory
  ///   or disk refuses.
  public func restore(
    _ id: SnapshotID, to path: String, force: Bool = false, isRehearsal: Bool = false,
    at now: Instant
  ) throws -> Restoration {
    let snapshot = try snapshot(id)
    guard snapshot.schemaVersion <= Schema.version else {
      throw refused(
        id,
        "it was taken by a newer Carillon (schema \(snapshot.schemaVersion), this one knows "
          + "\(Schema.version))", "run the newer Carillon, or use an older snapshot", .data)
    }
    var restoration = Restoration(snapshot: snapshot, path: path)
    let written = lastWrite(to: path)
    if isRehearsal {
      restoration.holder = try DaemonLock.holder(of: path)
      if written != nil { restoration.kept = name(for: path, before: id) }
      try unpackAndProve(snapshot, to: path)
      return restoration
    }
    guard let written else {
      try unpackAndProve(snapshot, to: path, place: .asNew)
      return restoration
    }
    let exists = "\(path) exists (written \((now - written).rounded) ago)"
    let locks = try lock(path, exists, id, at: now)
    return try withExtendedLifetime(locks) {
      guard force else {
        throw refused(id, exists, "look first, or say --force to replace it", .refused)
      }
      try removeLeftovers(beside: path)
      let kept = name(for: path, before: id)
      restoration.kept = kept
      try unpackAndProve(snapshot, to: path, place: .instead(kept))
      return restoration
    }
  }

  /// What is held during a restore, so that nobody uses the database.
  private struct Locks: ~Copyable {
    var daemon: DaemonLock
    var gate: LockFile
  }

  private func lock(
    _ path: String, _ exists: String, _ id: SnapshotID, at now: Instant
  ) throws(Fault) -> Locks {
    let remedy = "stop it first; look with --dry-run, or restore beside it with --to"
    let daemon: DaemonLock
    do {
      daemon = try DaemonLock.acquire(path, purpose: "carillon snapshot restore", now: now)
    } catch let fault where fault.exit == .tryAgain {
      let holder = try DaemonLock.holder(of: path) ?? "just gone"
      throw refused(id, "\(exists) and `carillon run` holds it (\(holder))", remedy, .tryAgain)
    }
    let folder = LockFolder(database: path)
    try folder.make()
    let gate = try folder.openGate()
    guard gate.take(shared: false, patient: true) else {
      let holders = folder.holders().joined(separator: "; ")
      throw refused(id, "\(exists) and is in use (\(holders))", remedy, .tryAgain)
    }
    return Locks(daemon: daemon, gate: gate)
  }

  /// Removes the unpacked files of restores that were killed, which may be large.
  private func removeLeftovers(beside path: String) throws {
    let folder = FilePath.folder(of: path)
    let name = FilePath.name(of: path)
    for file in try SnapshotFolder(folder).names()
    where file.hasPrefix("\(name).restore-S") || file.hasPrefix(".\(name).restore-S") {
      unlink("\(folder)/\(file)")
    }
  }

  /// What becomes of the file that was unpacked.
  private enum Place {
    /// It is removed again.
    case nowhere
    /// It takes a name that nobody has.
    case asNew
    /// It takes the name of another, which is kept under this one.
    case instead(String)
  }

  private func unpackAndProve(
    _ snapshot: Snapshot, to path: String, place: Place = .nowhere
  ) throws {
    var file = try NewFile("\(path).restore-\(snapshot.id)")
    defer { removeDatabase(file.temporary) }
    try unpack(snapshot, into: file)
    try Self.prove(snapshot, in: file.temporary)
    switch place {
    case .nowhere: return
    case .asNew:
      try file.commit()
      // Unlike a rename, a link never replaces a file that has appeared meanwhile.
      let wasFree = link(file.path, path) == 0
      let code = errno
      unlink(file.path)
      guard wasFree else { throw FileFault.of("create", path, code) }
    case .instead(let kept):
      try setAside(path, as: kept)
      try file.commit()
      guard rename(file.path, path) == 0 else { throw FileFault.of("replace", path, errno) }
    }
    try Folder.sync(FilePath.folder(of: path))
  }

  /// Gives the present database a second name, and takes its log away, since beside the new file it
  /// would be taken for that one's.
  ///
  /// The log is folded into the file. Where the file is too damaged for that, or gone, the log is
  /// kept as it was: it is copied first, since the attempt may spoil it.
  private func setAside(_ path: String, as kept: String) throws {
    let hasLog = access(path + "-wal", F_OK) == 0
    if hasLog { try copy(path + "-wal", to: kept + "-wal") }
    do throws(Fault) {
      let store = try Store.open(path, mode: .readWrite)
      try store.checkpoint()
      try store.close()
      if hasLog { unlink(kept + "-wal") }
    } catch {
      guard error.exit == .data || error.exit == .noInput else { throw error }
    }
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    guard link(path, kept) == 0 || errno == ENOENT else {
      throw FileFault.of("keep", path, errno)
    }
    try Folder.sync(FilePath.folder(of: path))
  }

  private func copy(_ source: String, to target: String) throws {
    let input = try InputFile(source)
    var output = try NewFile(target)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      try buffer.withUnsafeBytes {
        try output.write(UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
    }
    try output.commit()
  }

  /// `carillon.db.before-S0120`, with a number when that is taken.
  private func name(for path: String, before id: SnapshotID) -> String {
    let first = "\(path).before-\(id)"
    guard access(first, F_OK) == 0 else { return first }
    var number = 2
    while access("\(first).\(number)", F_OK) == 0 { number += 1 }
    return "\(first).\(number)"
  }

  private func lastWrite(to path: String) -> Instant? {
    var newest: Instant?
    for name in [path, path + "-wal"] {
      var status = stat()
      guard stat(name, &status) == 0 else { continue }
      let time = Instant(seconds: Int64(status.st_mtim.tv_sec))
      newest = max(newest ?? time, time)
    }
    return newest
  }

  private func refused(
    _ id: SnapshotID, _ cause: String, _ remedy: String, _ exit: ExitCode
  ) -> Fault {
    Fault("restore", "\(id)", cause: cause, remedy: remedy, exit: exit)
  }
}
