import GRDB
import GRDBSQLite

/// What the index of a write-ahead log says of it: where its last transaction ends, and how much of it is
/// in the database's file already.
///
/// It is read from where SQLite itself has mapped it: to open and close `carillon.db-shm` would drop the
/// locks of this process. https://sqlite.org/walformat.html, "The WAL-Index File Format".
struct LogIndex: Hashable {
  /// How many frames the log has, up to the end of the last transaction.
  var frames: Int64
  /// How many pages the database has there; 0 where the log has no frames.
  var pages: UInt32
  /// The two salts of all these frames, as they stand in the log.
  var salts: UInt64
  /// The checksum of the log behind them.
  var checksum: LogChecksum
  /// How many of them are in the database's file: the file was synced since.
  var folded: Int64
  /// All of it but the last: each commit, and each new beginning of the log, changes it.
  var header: [UInt8]

  /// The size of the first part of an index, in which SQLite maps it.
  private static let partBytes: Int32 = 32_768
  private static let headerBytes = 48
  private static let foldedOffset = 96
  private static let version: UInt32 = 3_007_000

  /// The end of the log.
  var end: LogPosition { LogPosition(salts: salts, frames: frames, checksum: checksum) }

  /// Reads the index of a connection's database, which has read before; nil while it is being written.
  ///
  /// - Throws: SQLITE_MISUSE where there is none.
  init?(_ db: Database) throws {
    let file = try db.mainFile()
    var start: UnsafeMutableRawPointer?
    guard let methods = file.pointee.pMethods, methods.pointee.iVersion >= 2,
      let map = methods.pointee.xShmMap, let barrier = methods.pointee.xShmBarrier
    else { throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "there is no index of a log") }
    let code = map(file, 0, Self.partBytes, 0, &start)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    guard let start else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "there is no index of a log")
    }
    barrier(file)
    // Copied before anything is made of it: other processes have it mapped too.
    let bytes = Array(UnsafeRawBufferPointer(start: start, count: Self.foldedOffset + 4))
    barrier(file)
    guard let index = Self.parse(bytes) else { return nil }
    self = index
  }

  private init(
    frames: Int64, pages: UInt32, salts: UInt64, checksum: LogChecksum, folded: Int64,
    header: [UInt8]
  ) {
    (self.frames, self.pages, self.salts) = (frames, pages, salts)
    (self.checksum, self.folded, self.header) = (checksum, folded, header)
  }

  /// All numbers are in the machine's own order, but the salts, which are as in the log. The header is there
  /// twice, and is whole where both are the same and its checksum is right.
  static func parse(_ bytes: [UInt8]) -> LogIndex? {
    guard bytes.count >= foldedOffset + 4 else { return nil }
    return bytes.withUnsafeBytes { bytes in
      func word(_ offset: Int) -> UInt32 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      }
      var sum = LogChecksum()
      let isBigEndian = UInt32(1).bigEndian == 1
      sum.add(UnsafeRawBufferPointer(rebasing: bytes[..<40]), isBigEndian: isBigEndian)
      guard bytes[..<headerBytes].elementsEqual(bytes[headerBytes..<(2 * headerBytes)]),
        word(0) == version, bytes[12] != 0, sum.first == word(40), sum.second == word(44)
      else { return nil }
      return LogIndex(
        frames: Int64(word(16)), pages: word(20),
        salts: UInt64(UInt32(bigEndian: word(32))) << 32 | UInt64(UInt32(bigEndian: word(36))),
        checksum: LogChecksum(first: word(24), second: word(28)),
        folded: Int64(word(foldedOffset)), header: Array(bytes[..<headerBytes]))
    }
  }
}

extension Database {
  /// SQLite's own descriptor of the database's file: to close another one would drop the locks of this
  /// process.
  func mainFile() throws -> UnsafeMutablePointer<sqlite3_file> {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
    guard code == SQLITE_OK, let file else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    return file
  }

  /// Reads the database's file.
  ///
  /// - Returns: how many bytes were there.
  func readMainFile(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
    let file = try mainFile()
    guard let methods = file.pointee.pMethods, let size = methods.pointee.xFileSize,
      let read = methods.pointee.xRead
    else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    var bytes: Int64 = 0
    var code = size(file, &bytes)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    let count = max(0, min(Int64(buffer.count), bytes - offset))
    guard count > 0 else { return 0 }
    code = read(file, buffer.baseAddress, Int32(count), offset)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    return Int(count)
  }
}
