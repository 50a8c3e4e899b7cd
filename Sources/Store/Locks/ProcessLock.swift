import CLinux
public import Domain
import Glibc

/// What proves that this process lives: an exclusive kernel lock on a file of its own beside the
/// database. Rows that it holds name the file; when the lock is free or the file is gone, the
/// process is.
///
/// It also shares the gate of the database with all other processes, so that a restore, which needs
/// the gate alone, cannot start while any of them lives, nor any of them while it runs.
public final class ProcessLock: Sendable {
  /// The name that rows bear.
  public let holder: HolderID
  private let path: String
  private let gate: LockFile
  private let file: LockFile

  /// How many new names are tried when a sweeper removed the file before it was locked.
  private static let attempts = 5

  private init(
    holder: HolderID, path: String, gate: consuming LockFile, file: consuming LockFile
  ) {
    (self.holder, self.path) = (holder, path)
    self.gate = gate
    self.file = file
  }

  /// The file is removed when the process is done with the database; after a crash, the next process
  /// to look removes it.
  deinit { unlink(path) }

  /// Locks a new file beside a database.
  ///
  /// - Parameters:
  ///   - database: the path of the database file.
  ///   - purpose: a word for people, in the file: `carillon run`.
  ///   - now: when, for people.
  /// - Throws: exit 75 while a restore is under way; 73 or 74 when the file cannot be made.
  public static func acquire(
    beside database: String, purpose: String, now: Instant
  ) throws(Fault) -> ProcessLock {
    // First, so that a directory that is not there or not ours is told in words of the database.
    try DatabaseFile(path: database).check(for: .create)
    let folder = LockFolder(database: database)
    try folder.make()
    let gate = try folder.openGate()
    guard gate.take(shared: true, patient: true) else {
      throw Fault(
        "use the database", database, cause: "a restore is under way",
        remedy: "try again when it is done", exit: .tryAgain, isTransient: true)
    }
    folder.sweep()
    for _ in 0..<attempts {
      let holder = HolderID.random()
      let path = folder.file(of: holder)
      let temporary = path + LockFolder.temporarySuffix
      guard let file = try LockFile(opening: temporary, create: true, exclusive: true) else {
        preconditionFailure("a file that is to be made is made, or opening it throws")
      }
      // Locked before it has its name, so that nobody ever sees the name unlocked.
      guard file.take(shared: false) else { continue }
      file.write("\(purpose) pid \(getpid()) since \(now)\n")
      if rename(temporary, path) == 0 {
        return ProcessLock(holder: holder, path: path, gate: gate, file: file)
      }
      guard errno == ENOENT else { throw LockFile.fault("name the lock", path, errno) }
    }
    throw Fault(
      "lock", folder.path, cause: "other processes remove its files as they are made",
      remedy: "look at what else cleans \(folder.path)", exit: .io)
  }

  /// Whether the process of this name lives. A dead one's file is removed.
  public static func isAlive(_ holder: HolderID, beside database: String) throws(Fault) -> Bool {
    let path = LockFolder(database: database).file(of: holder)
    guard let file = try LockFile(opening: path, create: false) else { return false }
    guard file.take(shared: true) else { return true }
    unlink(path)
    return false
  }
}
