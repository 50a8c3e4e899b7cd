import CLinux
import Domain
import Glibc
import Logging
import Store

/// The lock that the guard of a job's program shares with us: free when no process of an earlier
/// attempt lives.
///
/// A kernel lock and not a number on record, so that no number that means another process by now can
/// mislead anyone.
struct JobLock: ~Copyable {
  /// The open file; -1 for no lock.
  let descriptor: Int32

  /// How often a lock that is held is asked for.
  private static let pause = TimeSpan.milliseconds(100)

  private init(descriptor: Int32) { self.descriptor = descriptor }

  // Closed and not unlocked: a guard that cannot end yet holds on to it.
  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Lets go of it: whoever holds it over an await says so until when.
  consuming func release() {}

  /// No lock.
  static var none: JobLock { JobLock(descriptor: -1) }

  /// Takes the lock of the context's job, after every process of an earlier attempt is gone. Blocks
  /// the thread.
  ///
  /// - Throws: `CancellationError` when the attempt is to stop meanwhile; exit 73 or 74 when there
  ///   can be no lock.
  static func acquire(for context: JobContext) throws -> JobLock {
    try acquire(
      "command-\(context.firing.slot.job)", beside: context.store.path, log: context.log,
      waiting: "waiting for the processes of an earlier attempt to end")
  }

  /// Takes the lock of an account at an exchange, which whoever asks after its orders and whoever sends
  /// some hold in turn: an intent that has not left yet would look like an order that is lost. Blocks the
  /// thread.
  static func acquire(account: String, beside database: String, log: Logger) throws -> JobLock {
    try acquire(
      "account-\(PercentEncoding.encoded(account))", beside: database, log: log,
      waiting: "waiting for another process to be done with the account")
  }

  private static func acquire(
    _ name: String, beside database: String, log: Logger, waiting: Logger.Message
  ) throws -> JobLock {
    let folder = database + ".locks"
    let path = "\(folder)/\(name)"
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw fault(folder, errno) }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw fault(path, errno) }
    let lock = JobLock(descriptor: descriptor)
    var hasTold = false
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw fault(path, errno) }
      if !hasTold { log.warning(waiting) }
      hasTold = true
      try Task.checkCancellation()
      SystemTime.block(for: pause)
    }
    return lock
  }

  private static func fault(_ path: String, _ code: Int32) -> Fault {
    Fault(
      "lock", path, cause: String(cString: strerror(code)),
      remedy: "the folder of the database must be writable",
      exit: code == ENOSPC ? .io : .cannotCreate)
  }
}
