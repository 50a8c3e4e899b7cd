import CLinux
import Disk
public import Domain
import Glibc

/// The lock of the one `carillon run` that a database may have, and of a restore, which must have
/// none.
public final class DaemonLock: Sendable {
  private let file: LockFile

  private init(file: consuming LockFile) { self.file = file }

  /// How often, and after how long a pause, the lock of a process that is gone is asked for again: 2 s in all.
  static let looksAfterDeath = 400
  static let pauseMicroseconds: Int64 = 5000

  /// Takes the lock of a database.
  ///
  /// Who was killed while it started a program may be gone before that program's exec has closed the copy of
  /// the descriptor, which keeps the lock for some milliseconds: a service that comes back at once waits for it.
  ///
  /// - Parameters:
  ///   - database: the path of the database file.
  ///   - purpose: who takes it, for people: `carillon run`.
  ///   - now: when, for people.
  ///   - pause: waits so many microseconds.
  /// - Throws: exit 75 when another process has it; 73 or 74 when the file cannot be made.
  public static func acquire(
    _ database: String, purpose: String = "carillon run", now: Instant,
    pause: (Int64) -> Void = SystemTime.block(microseconds:)
  ) throws(Fault) -> DaemonLock {
    var who: String?
    for look in 0...looksAfterDeath {
      if let lock = try acquire(ifFree: database, purpose: purpose, now: now) { return lock }
      who = try holder(of: database)
      guard look < looksAfterDeath, isGone(who ?? "") else { break }
      pause(pauseMicroseconds)
    }
    throw Fault(
      "run on", database,
      cause: "another `carillon run` holds it" + (who.map { " (\($0))" } ?? ""),
      remedy: "stop it first, or name another database", exit: .tryAgain)
  }

  /// Takes the lock of a database; nil when another process has it.
  ///
  /// - Throws: exit 73 or 74 when the file cannot be made.
  public static func acquire(
    ifFree database: String, purpose: String, now: Instant
  ) throws(Fault) -> DaemonLock? {
    try DatabaseFile(path: database).check(for: .create)
    guard let file = try LockFile(opening: path(database), create: true) else {
      preconditionFailure("a file that is to be made is made, or opening it throws")
    }
    guard file.take(shared: false, patient: true) else { return nil }
    file.write("\(purpose) pid \(getpid()) since \(now)\n")
    return DaemonLock(file: file)
  }

  /// Who holds the lock of a database, as text for people; nil when nobody does.
  public static func holder(of database: String) throws(Fault) -> String? {
    guard let file = try LockFile(opening: path(database), create: false) else { return nil }
    guard !file.take(shared: true) else { return nil }
    let who = file.firstLine()
    return who.isEmpty ? "another process" : who
  }

  /// Whether the process that a holder's text names is no more, as far as this one can see.
  static func isGone(_ who: String) -> Bool {
    let words = who.split(separator: " ")
    guard let word = words.firstIndex(of: "pid"), word + 1 < words.count,
      let process = pid_t(words[word + 1]), process > 0
    else { return false }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  /// Whether a process holds the lock of a database.
  public static func isHeld(_ database: String) throws(Fault) -> Bool {
    try holder(of: database) != nil
  }

  private static func path(_ database: String) -> String {
    FilePath.target(of: database) + ".daemon.lock"
  }
}
