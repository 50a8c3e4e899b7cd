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
final class GroupCommit: Sendable {
  /// The most writes in one transaction, so that no one waits for long.
  private static let maximumWrites = 64

  private let queue = Mutex<[Write]>([])
  private let seat = Mutex<Void>(())
  private let count = Atomic<Int>(0)
  private let faults: CommitFaults?

  init(faults: CommitFaults? = nil) { self.faults = faults }

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
        end = seat.withLock { _ in
          // Somebody may have done it while this thread waited for the seat.
          if write.end == nil { commit(next(), on: connections) }
          return write.end
        }
      }
      try end?.get()
    }
  }

  private func next() -> [Write] {
    queue.withLock { queue in
      let writes = Array(queue.prefix(Self.maximumWrites))
      queue.removeFirst(writes.count)
      return writes
    }
  }

  private func commit(_ writes: [Write], on connections: any DatabaseWriter) {
    do {
      try connections.writeWithoutTransaction { db in
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
