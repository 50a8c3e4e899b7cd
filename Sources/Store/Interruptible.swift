import Domain
import GRDB
import GRDBSQLite
import Synchronization

/// Statements that can be stopped while they run.
///
/// A statement may take minutes on a large database, and two of those that a proof needs look at
/// nothing but `sqlite3_interrupt` meanwhile: `PRAGMA integrity_check` walks all pages in one step of
/// SQLite's machine, and so does a bare `count(*)`.
enum Interruptible {
  /// How often the caller looks whether to stop, at most and at first.
  private static let longestGlance = TimeSpan.milliseconds(50)
  private static let shortestGlance = TimeSpan.milliseconds(1)

  /// Reads on a thread of its own, while the caller's asks whether to stop.
  ///
  /// - Parameters:
  ///   - database: a database that nobody else uses meanwhile: all that it does is interrupted.
  ///   - checkpoint: called again and again on the caller's thread; what it throws ends the reading
  ///     and is thrown.
  ///   - isHeld: whether it is in a transaction already.
  ///   - body: what is read.
  static func read<T: Sendable>(
    _ database: DatabaseQueue, isHeld: Bool = false, checkpoint: () throws -> Void,
    _ body: @escaping @Sendable (Database) throws -> T
  ) throws -> T {
    let reading = Reading<T>()
    try PlainThread {
      reading.finish(Result { try isHeld ? database.unsafeRead(body) : database.read(body) })
    }
    var glance = shortestGlance
    var stop: (any Error)?
    while true {
      if let result = reading.result {
        if let stop { throw stop }
        return try result.get()
      }
      SystemTime.block(for: glance)
      glance = min(glance + glance, longestGlance)
      if stop == nil {
        do { try checkpoint() } catch { stop = error }
      }
      // Again and again until it has ended: between two statements an interrupt reaches none.
      if stop != nil { database.interrupt() }
    }
  }

  /// So many steps of SQLite's machine lie between two looks at whether the task was cancelled: some
  /// milliseconds, so that statements of the usual length are never cut.
  private static let stepsPerLook: CInt = 200_000

  /// Lets the cancellation of a task end the statement that it waits for on this connection.
  ///
  /// For connections that read: a write that has begun is short, and is finished.
  static func followTask(_ db: Database) {
    sqlite3_progress_handler(
      db.sqliteConnection, stepsPerLook, { _ in Task.isCancelled ? 1 : 0 }, nil)
  }
}

/// What a thread has read, once it has.
private final class Reading<T: Sendable>: Sendable {
  private let state = Mutex<Result<T, any Error>?>(nil)

  var result: Result<T, any Error>? { state.withLock { $0 } }

  func finish(_ result: Result<T, any Error>) { state.withLock { $0 = result } }
}
