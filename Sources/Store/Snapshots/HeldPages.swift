import Disk
import Domain
import GRDB
import Glibc

/// The pages of a live database in the state that one read transaction sees, while writers go on: what
/// SQLite's own backup would copy, read from the database's file and its log without a copy.
///
/// Which pages these are is settled in a moment in which nobody commits. The transaction begins in it,
/// and the log's index tells how many frames the log has, and how many of them are in the file:
///
/// - All of them: the file alone is the state. It stays as it is, since what is written later is not folded
///   into it while a reader has an older state.
/// - Not all: then the transaction has a mark in the log, and until it ends the log does not begin anew. So
///   frames up to the end that the index tells stay where they are. What is folded meanwhile are frames
///   of before that end, and of pages that have one the file is never asked.
///
/// Frames are held against SQLite's chain of checksums when they are found, up to the checksum that the
/// index tells, and again when they are read. The one thing that is changed is two bytes of the first page
/// (https://sqlite.org/fileformat2.html, "File format version numbers"): a database without a log is what
/// any SQLite opens, also where it may not write.
final class HeldPages {
  /// The size of a page, in bytes.
  let pageBytes: Int
  /// How many pages there are.
  let count: Int64
  /// For counting and adding up what is in them; nobody else has it.
  let connection: DatabaseQueue
  private let path: String
  /// Of each page that has a frame in the log, where the newest of it begins.
  private var newest: [UInt32: LogPosition] = [:]
  /// Nil where all is in the file.
  private var log: LogFile?
  /// Where they are once the transaction was let go.
  private var copy: PlainCopy?
  private let logLimit: Int64

  /// So many bytes are read in one piece.
  static let blockBytes = 1 << 20
  /// The log may grow to this size before the pages are set aside, so that it can be folded again: to what
  /// it is cut to anyway (`journal_size_limit`).
  static let logLimitBytes: Int64 = 64 << 20
  /// On each page size there is one page that SQLite never uses, the one that begins at this byte.
  private static let lockByte: Int64 = 1 << 30

  /// Holds the state of this moment.
  ///
  /// - Parameter logLimit: how large the log may become before it is time to set the pages aside.
  /// - Throws: exit 75 when writers of other processes do not let it begin.
  init(_ store: Store, logLimit: Int64 = HeldPages.logLimitBytes) throws {
    path = store.path
    let path = path
    (connection, pageBytes, count, newest, log) = try StoreFault.rethrowing("read", path) {
      let connection = try Self.connect(path)
      let index = try Self.begin(on: connection, of: store)
      let (size, count) = try connection.unsafeRead { db in
        (
          try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0,
          try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        )
      }
      guard index.folded < index.frames else {
        return (connection, size, count, [:], nil)
      }
      let log = try LogFile(path, through: index)
      guard log.reader.header.pageBytes == size, count == Int64(index.pages) else {
        throw Self.damaged(path + "-wal", "it is not of this database")
      }
      return (connection, size, count, try log.newest(through: index), log)
    }
    self.logLimit = max(logLimit, try Self.size(of: path + "-wal"))
  }

  /// Begins the transaction, and tells what the log's index said in the moment in which it began.
  ///
  /// Each commit and each new beginning of the log changes the index's header. So where it is the same before
  /// and after, it is the transaction's, and what was folded was read between the two. Under writers at full
  /// rate that may not come about; then they are held up for the moment.
  private static func begin(on connection: DatabaseQueue, of store: Store) throws -> LogIndex {
    try connection.unsafeRead { db in
      // Maps the index, and reads the schema.
      _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
      for _ in 0..<maximumAttempts {
        if let index = try attempt(db) { return index }
      }
      var index: LogIndex?
      try store.withoutWriters { index = try attempt(db) }
      guard let index else {
        throw DatabaseError(
          resultCode: .SQLITE_BUSY, message: "the log's index changes while nobody writes")
      }
      return index
    }
  }

  private static let maximumAttempts = 200

  /// Nil, and no transaction, where somebody committed meanwhile.
  private static func attempt(_ db: Database) throws -> LogIndex? {
    let before = try LogIndex(db)
    try db.execute(sql: "BEGIN")
    // What begins the transaction, which `BEGIN` alone does not.
    _ = try Int.fetchOne(db, sql: "SELECT 1 FROM sqlite_schema LIMIT 1")
    let (index, after) = (try LogIndex(db), try LogIndex(db))
    if let before, let index, let after, before.header == after.header,
      index.header == after.header
    {
      return index
    }
    try db.execute(sql: "ROLLBACK")
    return nil
  }

  /// How large the database is that they make, in bytes.
  var byteCount: Int64 { count * Int64(pageBytes) }

  /// Hands all of them over, from the first, in pieces of whole pages.
  ///
  /// - Parameters:
  ///   - spare: where they are set aside when the log has grown too large; not left there.
  ///   - checkpoint: called before each piece; what it throws ends the work.
  ///   - take: takes the number of a piece's first page, from 1, and the piece.
  func read(
    settingAsideAt spare: String, checkpoint: () throws -> Void,
    take: (UInt32, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let pages = max(1, Self.blockBytes / pageBytes)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: pages * pageBytes, alignment: 4096)
    defer { room.deallocate() }
    var index: Int64 = 0
    while index < count {
      try checkpoint()
      if copy == nil, try Self.size(of: path + "-wal") > logLimit {
        try setAside(at: spare, checkpoint)
      }
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: room[..<(Int(min(Int64(pages), count - index)) * pageBytes)])
      try read(from: index, into: piece)
      try take(UInt32(index + 1), UnsafeRawBufferPointer(piece))
      index += Int64(piece.count / pageBytes)
    }
  }

  /// Copies them to a file without a name and ends the transaction.
  private func setAside(at spare: String, _ checkpoint: () throws -> Void) throws {
    let file = try NewFile(spare)
    let pages = max(1, Self.blockBytes / pageBytes)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: pages * pageBytes, alignment: 4096)
    defer { room.deallocate() }
    for index in stride(from: 0, to: count, by: pages) {
      try checkpoint()
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: room[..<(Int(min(Int64(pages), count - index)) * pageBytes)])
      try read(from: index, into: piece)
      try file.write(UnsafeRawBufferPointer(piece))
    }
    copy = try PlainCopy(file.temporary)
    try release()
  }

  /// Ends the transaction: the log can be folded again.
  func release() throws {
    try StoreFault.rethrowing("read", path) {
      try connection.unsafeRead { db in
        if db.isInsideTransaction { try db.execute(sql: "ROLLBACK") }
      }
    }
    log = nil
  }

  /// Ends the transaction, and all use of this.
  func close() throws {
    try release()
    try StoreFault.rethrowing("read", path) { try connection.close() }
  }

  /// Reads pages from an index on, from 0.
  private func read(from index: Int64, into piece: UnsafeMutableRawBufferPointer) throws {
    let offset = index * Int64(pageBytes)
    if let copy {
      guard try copy.file.read(into: piece, at: offset) == piece.count else {
        throw Self.damaged(path, "the copy of it was cut")
      }
      return
    }
    let got = try StoreFault.rethrowing("read", path) {
      try connection.unsafeRead { db in
        precondition(db.isInsideTransaction, "what is not held is not read")
        return try db.readMainFile(into: piece, at: offset)
      }
    }
    for place in stride(from: 0, to: piece.count, by: pageBytes) {
      let number = UInt32(index + 1) + UInt32(place / pageBytes)
      let page = UnsafeMutableRawBufferPointer(rebasing: piece[place..<(place + pageBytes)])
      if let position = newest[number], let log {
        try log.read(number, at: position, into: page)
      } else if Int64(number) == Self.lockByte / Int64(pageBytes) + 1 {
        page.initializeMemory(as: UInt8.self, repeating: 0)
      } else if place + pageBytes > got {
        throw Self.damaged(path, "page \(number) is neither in it nor in its log")
      }
    }
    if index == 0 {
      // Written and read without a log.
      for byte in [18, 19] where piece[byte] == 2 { piece[byte] = 1 }
    }
  }

  private static func size(of path: String) throws(Fault) -> Int64 {
    var status = stat()
    if stat(path, &status) == 0 { return Int64(status.st_size) }
    guard errno == ENOENT else { throw FileFault.of("look at", path, errno) }
    return 0
  }

  private static func connect(_ path: String) throws -> DatabaseQueue {
    var configuration = Pragma.configuration
    configuration.readonly = true
    configuration.allowsUnsafeTransactions = true
    configuration.busyMode = .timeout(Pragma.busyTimeoutSeconds)
    configuration.label = "snapshot"
    configuration.prepareDatabase { db in
      db.waitForLocks(seconds: Pragma.busyTimeoutSeconds)
      for pragma in Pragma.everyConnection { try db.execute(sql: pragma.sql) }
    }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  fileprivate static func damaged(_ subject: String, _ cause: String) -> Fault {
    Fault(
      "read", subject, cause: cause,
      remedy: "put the newest snapshot back: carillon snapshot list, carillon snapshot restore",
      exit: .data)
  }
}

private final class PlainCopy {
  let file: InputFile

  init(_ path: String) throws(Fault) { file = try InputFile(path) }
}

/// The log of a database of which some frames are held.
private final class LogFile {
  let reader: LogReader
  private let path: String
  private var frame: [UInt8]

  init(_ database: String, through index: LogIndex) throws(Fault) {
    path = database + "-wal"
    guard let reader = try LogReader(of: database), reader.header.salts == index.salts else {
      throw HeldPages.damaged(path, "it is not the log that its index tells of")
    }
    frame = [UInt8](repeating: 0, count: reader.header.frameBytes)
    self.reader = reader
  }

  /// Where the newest frame of each page begins.
  func newest(through index: LogIndex) throws(Fault) -> [UInt32: LogPosition] {
    var newest: [UInt32: LogPosition] = [:]
    var position = reader.header.start
    while position.frames < index.frames {
      let before = position
      guard try reader.read(frame: position.frames, into: &frame) == frame.count,
        let found = LogFrame(bytes: frame, after: &position, reader.header)
      else {
        throw HeldPages.damaged(path, "frame \(position.frames + 1) of \(index.frames) is damaged")
      }
      newest[found.page] = before
    }
    guard position == index.end else {
      throw HeldPages.damaged(path, "its checksum is not the one that its index tells")
    }
    // Pages that a later transaction cut off again are never asked for.
    return newest
  }

  func read(
    _ page: UInt32, at position: LogPosition, into room: UnsafeMutableRawBufferPointer
  ) throws(Fault) {
    var position = position
    guard try reader.read(frame: position.frames, into: &frame) == frame.count,
      let found = LogFrame(bytes: frame, after: &position, reader.header), found.page == page
    else { throw HeldPages.damaged(path, "the frame of page \(page) changed while it was held") }
    frame.withUnsafeBytes {
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[LogFrame.headerBytes...]))
    }
  }
}

extension LogFrame {
  fileprivate init?(bytes: [UInt8], after position: inout LogPosition, _ header: LogHeader) {
    guard let frame = bytes.withUnsafeBytes({ LogFrame($0, after: &position, header) }) else {
      return nil
    }
    self = frame
  }
}
