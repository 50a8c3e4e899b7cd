import CSQLiteConfig
import Domain
import GRDB
import GRDBSQLite

/// How a connection waits for a lock that another has: it asks again after pauses of 0.1 to 0.5 ms, until
/// its time is up.
///
/// SQLite's lock is not fair: whoever asks while it is free has it. SQLite's own waiting asks every 100 ms, and
/// beside a program that commits without a pause, where the lock is free for some microseconds of each
/// transaction, it may ask for ten seconds in vain. Asking costs some microseconds. The pauses differ, so that
/// they do not keep step with what they wait for.
enum LockWait {
  static let shortestMicroseconds: Int64 = 100
  static let longestMicroseconds: Int64 = 500

  /// How long to pause before asking again, in microseconds; nil when the time is up.
  ///
  /// - Parameters:
  ///   - attempt: how often it paused before in this wait.
  ///   - waited: how long it has waited, in milliseconds.
  ///   - limit: how long it may, in milliseconds.
  static func pause(before attempt: Int, waited: Int64, limit: Int64) -> Int64? {
    guard waited < limit else { return nil }
    // A step of the golden ratio spreads any number of pauses evenly over the range.
    let range = longestMicroseconds - shortestMicroseconds + 1
    return shortestMicroseconds + Int64(attempt) % range * 248 % range
  }
}

extension Database {
  /// From now on the connection waits so long for another's lock.
  func waitForLocks(seconds: Double) {
    // The limit itself is what SQLite hands over, so that there is nothing that must outlive the connection.
    let limit = UnsafeMutableRawPointer(bitPattern: Int((seconds * 1000).rounded()))
    sqlite3_busy_handler(
      sqliteConnection,
      { limit, attempt in
        let now = SystemTime.monotonicMilliseconds
        if attempt == 0 { carillon_sqlite_begin_wait(now) }
        let waited = now - carillon_sqlite_wait_began()
        guard
          let pause = LockWait.pause(
            before: Int(attempt), waited: waited, limit: Int64(Int(bitPattern: limit)))
        else { return 0 }
        SystemTime.block(microseconds: pause)
        return 1
      }, limit)
  }
}
