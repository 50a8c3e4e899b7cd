import Disk
import Domain
import GRDB
import GRDBSQLite

extension LogShipper {
  /// The file of the database, page by page, through SQLite's own descriptor: to close another one would
  /// drop the locks of this process.
  func writeBase(to path: String) throws -> (pageBytes: Int, sums: ZstdFrame.Sums) {
    let raw = try NewFile(path + ".raw")
    let pageBytes = try StoreFault.rethrowing("copy the database to", path) {
      try reader.unsafeRead { db in
        let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        let count = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard
          sqlite3_file_control(
            db.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
          let file, let read = file.pointee.pMethods?.pointee.xRead
        else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        var page = [UInt8](repeating: 0, count: size)
        for number in 0..<count {
          let code = read(file, &page, Int32(size), number * Int64(size))
          guard code == SQLITE_OK else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
          }
          try raw.write(page)
        }
        return size
      }
    }
    var file = try NewFile(path)
    let sums = try ZstdFrame.compress(raw.temporary, to: file) {}
    try file.commit()
    return (pageBytes, sums)
  }
}
