import Disk
public import Domain
import GRDB
import Glibc

/// Writes a database anew without its empty pages.
///
/// The new file is made beside the old one, proved, and takes its name in one step: a process that is
/// killed leaves the one or the other, whole. SQLite's own `VACUUM` would hold a copy in memory here,
/// since temporary tables are kept there.
public struct DatabaseVacuum: Sendable {
  /// The size of the file before, in bytes.
  public var before: Int64
  /// The size of the file now, in bytes.
  public var after: Int64

  /// What must be free besides the room of the new file, in bytes.
  private static let spareBytes: Int64 = 16 << 20

  /// Does it. Nobody else may use the database meanwhile.
  ///
  /// - Throws: exit 75 when a service or a command uses the database, 74 when the disk has no room for
  ///   the new file, 65 when the database is damaged.
  public static func run(_ path: String, by actor: Actor, at now: Instant) throws -> DatabaseVacuum
  {
    let file = DatabaseFile(path: path)
    try file.check(for: .readWrite)
    let path = file.path
    let daemon = try DaemonLock.acquire(path, purpose: "carillon db vacuum", now: now)
    let folder = LockFolder(database: path)
    try folder.make()
    let gate = try folder.openGate()
    guard gate.take(shared: false, patient: true) else {
      throw Fault(
        "vacuum", path, cause: "it is in use (\(folder.holders().joined(separator: "; ")))",
        remedy: "stop that first", exit: .tryAgain)
    }
    defer {
      withExtendedLifetime(daemon) {}
      withExtendedLifetime(gate) {}
    }
    return try vacuum(path, by: actor, at: now)
  }

  private static func vacuum(
    _ path: String, by actor: Actor, at now: Instant
  ) throws -> DatabaseVacuum {
    let copy = path + ".vacuum"
    removeDatabase(copy)
    // Whatever happens: under the new name it is gone from here.
    defer { removeDatabase(copy) }
    let store = try Store.open(path, mode: .readWrite)
    let before: Int64
    do {
      before = try writeCopy(of: store, to: copy, by: actor, at: now)
    } catch {
      try store.close()
      throw error
    }
    try store.close()
    let after = try prove(copy)
    var status = stat()
    guard stat(path, &status) == 0, chmod(copy, status.st_mode & 0o7777) == 0,
      chown(copy, status.st_uid, status.st_gid) == 0
    else { throw FileFault.of("give the owner of \(path) to", copy, errno) }
    try flush(copy)
    guard rename(copy, path) == 0 else { throw FileFault.of("replace", path, errno) }
    try Folder.sync(FilePath.folder(of: path))
    return DatabaseVacuum(before: before, after: after)
  }

  private static func writeCopy(
    of store: Store, to copy: String, by actor: Actor, at now: Instant
  ) throws -> Int64 {
    let statistics = try store.statistics()
    let needed = (statistics.pages - statistics.freePages) * statistics.pageBytes + spareBytes
    let folder = FilePath.folder(of: store.path)
    var space = statvfs()
    guard statvfs(folder, &space) == 0 else { throw FileFault.of("look at", folder, errno) }
    let free = Int64(space.f_bavail) * Int64(space.f_frsize)
    guard free >= needed else {
      throw Fault(
        "vacuum", store.path, cause: "the new file needs \(needed) bytes, and \(free) are free",
        remedy: "free space in \(folder)", exit: .io)
    }
    try store.write(at: now) {
      try $0.audit.append("vacuum", "written anew from \(statistics.bytes) bytes", by: actor)
    }
    try StoreFault.rethrowing("write the database anew to", copy) {
      try store.connections.writeWithoutTransaction { db in
        try db.execute(sql: "VACUUM INTO ?", arguments: [copy])
      }
    }
    // Nothing is left in the log, which would be taken for the new file's.
    try store.foldLog()
    return statistics.bytes
  }

  /// SQLite does not wait for the disk when it writes such a copy.
  private static func flush(_ path: String) throws(Fault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.of("flush", path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFault.of("flush", path, errno) }
  }

  /// Proves the new file, and tells its size in bytes.
  private static func prove(_ path: String) throws -> Int64 {
    let store = try Store.open(path, mode: .readOnly)
    let findings = try store.prove()
    try store.close()
    guard findings.isEmpty else {
      throw Fault(
        "prove", path, cause: findings.joined(separator: "; "),
        remedy: "look at the database: carillon db check", exit: .data)
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileFault.of("look at", path, errno) }
    return Int64(status.st_size)
  }
}
