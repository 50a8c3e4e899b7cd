import Domain
import Store
import Synchronization
import Venues

/// The state of an account's key in a file beside the database, once a job has told which database, so
/// that the daemon, runs by hand and the next start use a key one after the other. Until then it is kept
/// in memory.
///
/// In a file and not in the database, since a restored snapshot must not set nonces back.
final class StoredKeyKeeper: KrakenKeyKeeper {
  private let name: String
  private let database: @Sendable () -> String?
  private let memory = MemoryKeyKeeper()

  /// A keeper of the key with a digest.
  init(_ digest: String, database: @escaping @Sendable () -> String?) {
    name = "key-\(digest)"
    self.database = database
  }

  func take() throws -> (any KrakenKeyHold)? {
    guard let database = database() else { return memory.take() }
    guard let line = try LockedLine.take(name, of: database) else { return nil }
    return Hold(line: line, state: KrakenKeyState(text: line.text) ?? KrakenKeyState())
  }

  private struct Hold: KrakenKeyHold {
    let line: LockedLine
    let state: KrakenKeyState
    func write(_ state: KrakenKeyState) throws { try line.write(state.text) }
    // The lock goes with the line.
    func release() { withExtendedLifetime(line) {} }
  }
}

/// The keys of all accounts at one venue.
final class VenueKeys: Sendable {
  private struct State {
    var keepers: [String: StoredKeyKeeper] = [:]
    var database: String?
  }

  private let state = Mutex(State())

  /// Keeps what is known of keys beside this database from now on.
  func keep(beside database: String) { state.withLock { $0.database = database } }

  /// The keeper of the key with a digest, the same one each time.
  func keeper(_ digest: String) -> StoredKeyKeeper {
    state.withLock { state in
      if let known = state.keepers[digest] { return known }
      let keeper = StoredKeyKeeper(digest) { [self] in self.state.withLock { $0.database } }
      state.keepers[digest] = keeper
      return keeper
    }
  }
}
