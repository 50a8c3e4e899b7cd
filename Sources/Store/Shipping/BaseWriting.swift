import Disk
import Domain
import GRDB

extension LogShipper {
  /// The file of the database, page by page, through SQLite's own descriptor: to close another one would
  /// drop the locks of this process.
  func writeBase(to path: String) throws -> (pageBytes: Int, sums: ZstdFrame.Sums) {
    let raw = try NewFile(path + ".raw")
    let pageBytes = try StoreFault.rethrowing("copy the database to", path) {
      try reader.unsafeRead { db in
        let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        let count = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        var page = [UInt8](repeating: 0, count: size)
        for number in 0..<count {
          let got = try page.withUnsafeMutableBytes {
            try db.readMainFile(into: $0, at: number * Int64(size))
          }
          guard got == size else { throw DatabaseError(resultCode: .SQLITE_IOERR_SHORT_READ) }
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
