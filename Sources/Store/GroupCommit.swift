import Domain
import GRDB
import Synchronization

/// Puts writes that wait for each other into one transaction.
///
/// A commit waits for the disk, and only one can be under way. While one is, whoever comes next
/// queues up; whoever of them gets the seat first commits for all. So ends of runs that arrive
/// together cost one wait for the disk and not one each, and a write that comes alone waits for
/// nobody.
///
/// Each write keeps what a transaction of its own promises: it has returned only when it is on disk;
/// when its body throws, nothing of it is kept and the others are not concerned (a savepoint each);
/// it sees all of those before it. What the disk refuses is refused to all that share it.
///
/// A thread that must not be held up (`within:`) shares with nobody: it is seated next, commits its
/// own write alone, and gives up when seat and lock are not to be had in time.
final class GroupCommit: Sendable {
  /// The most writes in one transaction, so that no one waits for long.
  private static let maximumWrites = 64

  private let queue = Mutex<[Write]>([])
  private let seat = WriterSeat()
  private let count = Atomic<Int>(0)
  let busyTimeoutSeconds: Double
  private let faults: CommitFaults?

  /// - Parameter busyTimeoutSeconds: how long the connection waits for another's lock.
  init(busyTimeoutSeconds: Double, faults: CommitFaults? = nil) {
    (self.busyTimeoutSeconds, self.faults) = (busyTimeoutSeconds, faults)
  }

  /// How many transactions were committed.
  var commits: Int { count.load(ordering: .relaxed) }

  /// How many writes wait for the one that is under way.
  var waiting: Int { queue.withLock(\.count) }

  /// Runs a body inside a transaction, alone or with others, and returns when that is on disk.
  ///
  /// The body may run on the thread of another caller, which is blocked as this one is meanwhile.
  func write(on connections: any DatabaseWriter, _ body: (Database) throws -> Void) throws {
    try withoutActuallyEscaping(body) { body in
      let write = Write(body)
      queue.withLock { $0.append(write) }
      var end: Result<Void, any Error>?
      while end == nil {
        seat.take()
        // Somebody may have done it while this thread waited for the seat.
        if write.end == nil { commit(next(), on: connections) }
        end = write.end
        seat.leave()
      }
      try end?.get()
    }
  }

  /// Runs a body inside a transaction of its own, and returns when that is on disk.
  ///
  /// - Parameter patience: how long it waits at most before the transaction begins.
  /// - Throws: SQLITE_BUSY when it could not begin in time; nothing was written then.
  func write(
    on connections: any DatabaseWriter, within patience: TimeSpan,
    _ body: (Database) throws -> Void
  ) throws {
    try alone(within: patience) { left in
      let write = withoutActuallyEscaping(body) { body in
        let write = Write(body)
        commit([write], on: connections, busyTimeoutSeconds: left)
        return write
      }
      try write.end?.get()
    }
  }

  /// Runs a body that uses the writing connection by itself, while nobody else of this process does.
  ///
  /// - Parameters:
  ///   - patience: how long it waits for that; nil for as long as it takes.
  ///   - body: is told how long the connection may wait for another's lock, in seconds.
  func alone<T>(within patience: TimeSpan?, _ body: (Double) throws -> T) throws -> T {
    guard let patience else {
      seat.take()
      defer { seat.leave() }
      return try body(busyTimeoutSeconds)
    }
    guard let left = seat.take(within: patience) else {
      throw DatabaseError(
        resultCode: .SQLITE_BUSY, message: "a transaction of this process is under way")
    }
    defer { seat.leave() }
    return try body(Double(left.milliseconds) / 1000)
  }

  private func next() -> [Write] {
    queue.withLock { queue in
      let writes = Array(queue.prefix(Self.maximumWrites))
      queue.removeFirst(writes.count)
      return writes
    }
  }

  private func commit(
    _ writes: [Write], on connections: any DatabaseWriter, busyTimeoutSeconds: Double? = nil
  ) {
    do {
      try connections.writeWithoutTransaction { db in
        if let busyTimeoutSeconds { db.waitForLocks(seconds: busyTimeoutSeconds) }
        defer {
          if busyTimeoutSeconds != nil { db.waitForLocks(seconds: self.busyTimeoutSeconds) }
        }
        try db.inTransaction(.immediate) {
          if writes.count == 1 {
            try writes[0].body?(db)
          } else {
            for write in writes { try write.run(beside: db) }
          }
          try faults?.before()
          return .commit
        }
      }
      try faults?.after()
      count.add(1, ordering: .relaxed)
      for write in writes { write.finish(write.failure.map { .failure($0) } ?? .success(())) }
    } catch {
      for write in writes { write.finish(.failure(write.failure ?? error)) }
    }
  }
}

/// What happens to commits in a storm: hooks around each, by which a test makes the storage refuse, or
/// the process die, where it wants to. There are none in production.
struct CommitFaults: Sendable {
  /// Called inside the transaction, when all is written; what it throws undoes it.
  var before: @Sendable () throws -> Void
  /// Called once it is on disk; what it throws is all that the writers hear.
  var after: @Sendable () throws -> Void
}

/// A body that waits to be run, and what became of it.
private final class Write: @unchecked Sendable {
  // Safe: made by one thread, then touched only by the one that has the seat.
  private(set) var body: ((Database) throws -> Void)?
  private(set) var failure: (any Error)?
  private(set) var end: Result<Void, any Error>?

  init(_ body: @escaping (Database) throws -> Void) { self.body = body }

  /// Runs the body so that what it throws undoes this body alone.
  ///
  /// - Throws: the body's error where SQLite has given up the whole transaction on it.
  func run(beside db: Database) throws {
    do {
      try db.inSavepoint {
        try body?(db)
        return .commit
      }
    } catch {
      guard db.isInsideTransaction else { throw error }
      failure = error
    }
  }

  /// Lets go of the body, which must not outlive its caller.
  func finish(_ end: Result<Void, any Error>) {
    body = nil
    self.end = end
  }
}
