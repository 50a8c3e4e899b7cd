import Domain
import GRDB
import Testing

@testable import Store

@Suite("Reading the log")
struct LogReaderTests {
  let database = TestDatabase()

  /// A log of three transactions, copied before the database is closed.
  func log() throws -> (bytes: [UInt8], pages: Int) {
    let queue = try DatabaseQueue(path: database.folder + "/log.db")
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "CREATE TABLE a (x BLOB)")
      try db.execute(sql: "INSERT INTO a VALUES (randomblob(9000))")
      try db.execute(sql: "INSERT INTO a VALUES (randomblob(100))")
    }
    let bytes = contents(database.folder + "/log.db-wal")
    let pages = try queue.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    try queue.close()
    return (bytes, pages)
  }

  func end(_ bytes: [UInt8]) throws -> LogReader.End? {
    database.write("x.db-wal", bytes)
    guard let reader = try LogReader(of: database.folder + "/x.db") else { return nil }
    return try reader.end(after: reader.header.start)
  }

  @Test func theWholeLogIsRead() throws {
    let (bytes, pages) = try log()
    let end = try end(bytes)
    // 32 bytes of header, then frames of 24 bytes and a page of 4096 each.
    #expect(end?.position.frames == Int64((bytes.count - 32) / 4120))
    #expect(end?.pages == UInt32(pages))
  }

  /// Every length to which the log may be cut ends after a transaction that is whole.
  @Test func aLogThatIsCutEndsAtACommit() throws {
    let (bytes, _) = try log()
    var commits: [Int64: UInt32] = [0: 0]
    for frame in 0..<((bytes.count - 32) / 4120) {
      let offset = 32 + frame * 4120 + 4
      let pages = bytes[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      if pages > 0 { commits[Int64(frame + 1)] = pages }
    }
    #expect(commits.count == 4)
    for length in stride(from: 0, to: bytes.count, by: 97) {
      guard let end = try end(Array(bytes[..<length])) else {
        #expect(length < 32)
        continue
      }
      let whole = Int64((length - 32) / 4120)
      let last = commits.keys.filter { $0 <= whole }.max() ?? 0
      #expect(end.position.frames == last, "\(length)")
      #expect(end.pages ?? 0 == commits[last], "\(length)")
    }
  }

  /// A bit that is turned anywhere ends the log before its transaction: in the header, all of it.
  @Test func aTurnedBitEndsTheLog() throws {
    let (bytes, _) = try log()
    let whole = try end(bytes)?.position.frames
    for index in stride(from: 0, to: bytes.count, by: 61) {
      var turned = bytes
      turned[index] ^= UInt8(1 << (index % 8))
      let frames = try end(turned)?.position.frames
      let frame = Int64((index - 32) / 4120)
      // The checkpoint's number in the header (bytes 12 to 15) is summed up as all else is.
      #expect(index < 32 ? frames == nil : (frames ?? .max) <= frame, "byte \(index)")
    }
    #expect((whole ?? 0) > 3)
  }
}
