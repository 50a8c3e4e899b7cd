public import Domain
import GRDB
import Synchronization

/// The database: one SQLite file, and the only place where SQL is written.
///
/// Every call blocks the calling thread until SQLite has answered, so none may be made from Swift's
/// cooperative pool in production: jobs run on threads of their own, and so does whatever reads for
/// health and metrics. Calls from any number of threads are safe. They must not be nested.
///
/// One connection writes and at most `maximumReaders` read, opened when first needed. In WAL mode
/// readers see the last commit and never wait for the writer, so a probe answers during a long
/// write; a single queue for both would hold it up. The cost of a reader at rest is its page cache,
/// at most 2 MB. GRDB runs each call on the caller's own thread.
public final class Store: Sendable {
  /// The path of the database file, links followed.
  public let path: String
  /// How it was opened.
  public let mode: Mode
  let connections: any DatabaseWriter
  let group: GroupCommit
  /// What it reads by when it must not wait for a place among the other readers.
  private let ownReader: DatabaseQueue?
  /// How long a write waits before its transaction begins; nil for as long as SQLite does.
  private let patience: TimeSpan?
  private let prompt = Mutex<Store?>(nil)
  /// Held for as long as any connection is open; nil where nothing is locked.
  private let nameLock: Mutex<NameLock?>

  /// What a caller wants of the file.
  public enum Mode: Sendable {
    /// The file must exist; an older schema is migrated.
    case readWrite
    /// As `readWrite`, and the file is made if there is none.
    case create
    /// The file must exist, with this version's schema; nothing is changed.
    case readOnly
    /// As `readOnly`, for a file that nobody has open and that has no log: nothing is locked and nothing
    /// made beside it, so that it can be read on a file system that takes no writes. What is written
    /// meanwhile is not seen, or seen torn: whoever reads so looks whether a log has come.
    case asLeft
    /// As `create`, without waiting for the disk at each commit: for rehearsals, which can be run
    /// again from the start when the machine goes down.
    case rehearsal

    /// Whether the file is made if there is none.
    var creates: Bool { self == .create || self == .rehearsal }

    /// Whether anything is changed.
    var writes: Bool { self != .readOnly && self != .asLeft }
  }

  /// Connections that read at the same time as the writer: a job, a probe and a command.
  public static let maximumReaders = 3

  /// The longest that a write of a store that answers promptly waits for other writers.
  public static let longestPromptWait = TimeSpan.milliseconds(
    Int64(Pragma.promptTimeoutSeconds * 1000))

  private init(
    path: String, mode: Mode, connections: any DatabaseWriter, group: GroupCommit,
    nameLock: NameLock?, ownReader: DatabaseQueue? = nil, patience: TimeSpan? = nil
  ) {
    self.nameLock = Mutex(nameLock)
    (self.path, self.mode, self.connections) = (path, mode, connections)
    (self.group, self.ownReader, self.patience) = (group, ownReader, patience)
  }

  /// Opens the database, and brings its schema up to this version unless it is opened read-only.
  ///
  /// - Throws: exit 66 when the file does not exist, 65 when it is damaged, no database of Carillon
  ///   or written by a newer version, 73 or 74 when the directory or disk refuses, 75 when it is
  ///   locked for longer than the time-out or being restored, 77 when it is missing or empty and there
  ///   was one, or in use under another name.
  public static func open(_ path: String, mode: Mode) throws(Fault) -> Store {
    try open(path, mode: mode, busyTimeoutSeconds: Pragma.busyTimeoutSeconds)
  }

  static func open(
    _ path: String, mode: Mode, busyTimeoutSeconds: Double, faults: CommitFaults? = nil
  ) throws(Fault) -> Store {
    let file = DatabaseFile(path: path)
    try file.check(for: mode)
    let remains = DatabaseRemains(of: file)
    try remains.check(for: mode)
    if mode.creates { try file.make() }
    let path = file.path
    let nameLock = mode == .asLeft ? nil : try NameLock.share(path)
    return try StoreFault.mapping("open the database", path) {
      let store = Store(
        path: path, mode: mode,
        connections: try connect(path, mode: mode, busyTimeoutSeconds: busyTimeoutSeconds),
        group: GroupCommit(busyTimeoutSeconds: busyTimeoutSeconds, faults: faults),
        nameLock: nameLock)
      do {
        try store.setUp()
        // After the first migration: whoever is killed before it left nothing that could be lost.
        if mode == .create || mode == .readWrite { try remains.leaveMark() }
      } catch {
        try store.connections.close()
        throw error
      }
      return store
    }
  }

  /// Runs a body over one unchanging view of the database.
  ///
  /// - Throws: what the body throws; errors of SQLite as `Fault`.
  public func read<T>(_ body: (ReadTransaction) throws -> T) throws -> T {
    try StoreFault.rethrowing("read the database", path) {
      let connection: any DatabaseReader = ownReader ?? connections
      return try connection.read { db in try body(ReadTransaction(db: db, path: path)) }
    }
  }

  /// Runs a body without a transaction around it: for one statement that is asked often, which costs a
  /// third of it so. What several statements see may be of several commits.
  ///
  /// - Throws: what the body throws; errors of SQLite as `Fault`.
  public func glance<T>(_ body: (ReadTransaction) throws -> T) throws -> T {
    try StoreFault.rethrowing("read the database", path) {
      let connection: any DatabaseReader = ownReader ?? connections
      return try connection.unsafeRead { db in try body(ReadTransaction(db: db, path: path)) }
    }
  }

  /// Runs a body in one `BEGIN IMMEDIATE` transaction: all of it is committed, or, when the body
  /// throws, nothing. Returns when it is on disk.
  ///
  /// Bodies of several threads that wait for each other share one transaction (see `GroupCommit`).
  ///
  /// - Parameters:
  ///   - now: the one time that everything written here bears.
  ///   - body: reads and writes through the transaction, which must not outlive it.
  /// - Throws: what the body throws; errors of SQLite as `Fault`.
  @discardableResult
  public func write<T>(at now: Instant, _ body: (WriteTransaction) throws -> T) throws -> T {
    try StoreFault.rethrowing("write to the database", path) {
      var result: T?
      func run(_ db: Database) throws {
        result = try body(WriteTransaction(db: db, path: path, now: now))
      }
      if let patience {
        try group.write(on: connections, within: patience, run)
      } else {
        try group.write(on: connections, run)
      }
      return result!  // write returned, so the body did
    }
  }

  /// The same database for a thread that must not be held up, such as the service's loop: a write
  /// waits at most `Pragma.promptTimeoutSeconds` for other writers of this process and of others, and
  /// then throws a transient `Fault` of a busy database with nothing written; reads have a connection
  /// of their own and wait for no other reader. Closed with this store.
  ///
  /// - Throws: a `Fault` when no connection can be opened.
  public func promptly() throws(Fault) -> Store {
    guard mode.writes, patience == nil else { return self }
    return try StoreFault.mapping("open the database", path) {
      try prompt.withLock { prompt in
        if let prompt { return prompt }
        let patience = min(group.busyTimeoutSeconds, Pragma.promptTimeoutSeconds)
        let made = Store(
          path: path, mode: mode, connections: connections, group: group, nameLock: nil,
          ownReader: try Self.reader(path, busyTimeoutSeconds: patience),
          patience: .milliseconds(Int64((patience * 1000).rounded())))
        prompt = made
        return made
      }
    }
  }

  /// One write transaction in which SQLite does not look for rows that name what is deleted: for each
  /// row of `run` that goes, it would look through all candles and features. The body looks itself.
  func writeWithoutReferences<T>(
    at now: Instant, _ body: (WriteTransaction) throws -> T
  ) throws -> T {
    try StoreFault.rethrowing("write to the database", path) {
      try group.alone(within: patience) { busyTimeoutSeconds in
        try connections.writeWithoutTransaction { db in
          try db.execute(sql: "PRAGMA foreign_keys = OFF")
          db.waitForLocks(seconds: busyTimeoutSeconds)
          var result: T?
          let end = Result {
            try db.inTransaction(.immediate) {
              result = try body(WriteTransaction(db: db, path: path, now: now))
              return .commit
            }
          }
          db.waitForLocks(seconds: group.busyTimeoutSeconds)
          try db.execute(sql: "PRAGMA foreign_keys = ON")
          try end.get()
          return result!  // the transaction was committed, so the body returned
        }
      }
    }
  }

  /// How many transactions this store has committed since it was opened.
  public var commits: Int { group.commits }

  /// A number that changes when another connection has committed (https://sqlite.org/pragma.html,
  /// data_version).
  public func dataVersion() throws -> Int64 {
    try StoreFault.rethrowing("read the database", path) {
      try connections.unsafeRead { db in
        try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0
      }
    }
  }

  /// How many writes wait for the one that is under way.
  var waitingWrites: Int { group.waiting }

  /// Moves the write-ahead log into the database file and empties it. Does nothing while the log is
  /// shipped: then the shipper does it.
  ///
  /// - Throws: exit 75, transient, while another connection reads or writes: then later is soon
  ///   enough.
  public func checkpoint() throws(Fault) {
    if !LogSpool.isOn(path) { try foldLog() }
  }

  /// Moves the write-ahead log into the database file and empties it, whoever ships it.
  func foldLog() throws(Fault) {
    try StoreFault.mapping("checkpoint the database", path) {
      try group.alone(within: patience) { _ in
        try connections.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
      }
    }
  }

  /// Closes all connections. Whatever is called afterwards throws.
  ///
  /// - Throws: a `Fault` when SQLite refuses.
  public func close() throws(Fault) {
    try StoreFault.mapping("close the database", path) {
      // Readers first: the last connection to close must be one that may write, since it is the one
      // that folds the log into the file and removes it.
      try prompt.withLock { try $0?.ownReader?.close() }
      (connections as? DatabasePool)?.releaseMemory()
      try connections.close()
      // Last, since it may close the descriptor.
      nameLock.withLock { $0 = nil }
    }
  }

  private static func connect(
    _ path: String, mode: Mode, busyTimeoutSeconds: Double
  ) throws -> any DatabaseWriter {
    var configuration = configuration(path, busyTimeoutSeconds: busyTimeoutSeconds)
    configuration.readonly = !mode.writes
    // A command that only reads has no use for a pool.
    // https://sqlite.org/uri.html: `immutable` reads without locks and without a log.
    let name = mode == .asLeft ? "file:\(PercentEncoding.encoded(path))?immutable=1" : path
    return !mode.writes
      ? try DatabaseQueue(path: name, configuration: configuration)
      : try DatabasePool(path: path, configuration: configuration)
  }

  private static func reader(_ path: String, busyTimeoutSeconds: Double) throws -> DatabaseQueue {
    var configuration = configuration(path, busyTimeoutSeconds: busyTimeoutSeconds)
    configuration.readonly = true
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  private static func configuration(
    _ path: String, busyTimeoutSeconds: Double
  ) -> Configuration {
    var configuration = Pragma.configuration
    configuration.maximumReaderCount = maximumReaders
    configuration.busyMode = .timeout(busyTimeoutSeconds)
    configuration.label = "store"
    configuration.prepareDatabase { db in
      db.waitForLocks(seconds: busyTimeoutSeconds)
      for pragma in Pragma.everyConnection { try db.execute(sql: pragma.sql) }
      // Asked for each connection: shipping may have been switched on meanwhile.
      if LogSpool.isOn(path) { try Checkpoints.switchOff(db) }
      // Of a pool, those that read.
      if db.configuration.readonly { Interruptible.followTask(db) }
    }
    return configuration
  }

  private func setUp() throws {
    if !mode.writes {
      try connections.read { db in try Schema.check(db, path: path) }
    } else {
      try connections.writeWithoutTransaction { db in
        // After the pool's own set-up, which lowers `synchronous` to NORMAL on the writer.
        for pragma in Pragma.writer { try db.execute(sql: pragma.sql) }
        if mode == .rehearsal { try db.execute(sql: Pragma.rehearsal.sql) }
        try Schema.migrate(db, path: path)
      }
    }
  }
}
