import CLinux
import Disk
import Glibc
import Store
import Synchronization

/// A database that another process writes, opened to be looked at, and again whenever it stands
/// otherwise than it was opened: while the service runs, after it has stopped (without a log: as it was
/// left), after a crash (with one), and after a restore (another file). It blocks.
///
/// No read outlives the one who asked.
public final class ObservedDatabase: Sendable {
  /// The path of the database, links followed: its log lies beside it there.
  public let path: String
  private let open = Mutex<Opened?>(nil)

  private struct Opened {
    var standing: Standing
    var store: Store
    /// What SQLite counted when it was last asked.
    var version: Int64 = 0
    /// How often anything was found changed.
    var changes = 0
  }

  /// How the files stand.
  struct Standing: Hashable {
    var device: UInt
    var inode: UInt
    /// Whether there is a log with anything in it, or the index of one that is in use.
    var hasLog: Bool
    /// Of a file that is read as it was left: the size and time that it had.
    var size: Int64
    var changed: Int64
  }

  /// A read that the files changed under is tried so often in all.
  private static let attempts = 4

  /// The database of a path; nothing is opened yet.
  public init(path: String) { self.path = FilePath.target(of: path) }

  /// Runs a body over the database as it stands.
  ///
  /// - Throws: what the body throws; a `Fault` of the database.
  func reading<Value>(_ body: (Store) throws -> Value) throws -> Value {
    var attempt = 1
    while true {
      let (standing, store) = try opened()
      let result = Result { try body(store) }
      // What was read without locks counts only if nobody wrote meanwhile.
      guard store.mode == .asLeft, attempt < Self.attempts, look() != standing else {
        return try result.get()
      }
      attempt += 1
    }
  }

  /// A number that goes up when something was written, as far as it is asked for.
  func changes() throws -> Int {
    let (_, store) = try opened()
    let version = try store.dataVersion()
    return open.withLock { opened in
      guard opened?.store === store else { return opened?.changes ?? 0 }
      if opened?.version != version {
        opened?.version = version
        opened?.changes += 1
      }
      return opened?.changes ?? 0
    }
  }

  /// Lets go of the database; the next who asks opens it again.
  func letGo() { open.withLock { $0 = nil } }

  private func opened() throws -> (Standing?, Store) {
    let standing = look()
    return try open.withLock { opened in
      if let opened, opened.standing == standing { return (standing, opened.store) }
      // Who still reads the one before lets go of it; the last closes it.
      let changes = (opened?.changes ?? 0) + 1
      opened = nil
      let store = try Store.open(path, mode: standing?.hasLog == false ? .asLeft : .readOnly)
      guard let standing else { return (nil, store) }
      opened = Opened(standing: standing, store: store, changes: changes)
      return (standing, store)
    }
  }

  /// How the files stand; nil where there is no database.
  private func look() -> Standing? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    var other = stat()
    let hasLog = stat(path + "-wal", &other) == 0
    return Standing(
      device: UInt(status.st_dev), inode: UInt(status.st_ino), hasLog: hasLog,
      size: hasLog ? 0 : Int64(status.st_size),
      changed: hasLog
        ? 0 : Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }
}
