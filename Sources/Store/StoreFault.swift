import Disk
import Domain
import GRDB

/// The one place where SQLite's errors become faults.
///
/// The text holds SQLite's message and the failing constraint, never a bound value.
enum StoreFault {
  /// Runs a body of which every error is of SQLite or a fault already.
  static func mapping<T>(
    _ operation: String, _ path: String, _ body: () throws -> T
  ) throws(Fault) -> T {
    do {
      return try body()
    } catch let fault as Fault {
      throw fault
    } catch {
      throw fault(operation, path, error)
    }
  }

  /// Runs a body that may throw errors of its caller's: they pass, SQLite's become faults.
  static func rethrowing<T>(
    _ operation: String, _ path: String, _ body: () throws -> T
  ) throws -> T {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw fault(operation, path, error)
    }
  }

  private static func fault(_ operation: String, _ path: String, _ error: any Error) -> Fault {
    guard let error = error as? DatabaseError else {
      return Fault(operation, path, cause: "\(error)", exit: .internal)
    }
    let message = error.message ?? "SQLite reports \(error.extendedResultCode)"
    let folder = FilePath.folder(of: path)
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return Fault(
        operation, path, cause: "another process holds a lock on it (\(message))",
        remedy: "try again; `carillon status` shows what is running", exit: .tryAgain,
        isTransient: true, storage: .busy)
    case .SQLITE_INTERRUPT:
      return Fault(operation, path, cause: "interrupted", exit: .tryAgain, isTransient: true)
    case .SQLITE_FULL:
      return Fault(
        operation, path, cause: "the disk is full",
        remedy: "free space in \(folder) (df -h \(folder)) and try again; nothing was half-written",
        exit: .io, storage: .full)
    case .SQLITE_CANTOPEN:
      return Fault(
        operation, path, cause: message, remedy: FileFault.ownership(of: folder),
        exit: .cannotCreate, storage: .failing)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      return Fault(
        operation, path, cause: message, remedy: FileFault.ownership(of: folder), exit: .io,
        storage: .failing)
    case .SQLITE_IOERR:
      return Fault(
        operation, path, cause: "\(message) (\(error.extendedResultCode))",
        remedy: "check the disk under \(folder) (dmesg, df -h \(folder)); the database must lie on "
          + "a local file system",
        exit: .io, storage: .failing)
    case .SQLITE_NOTADB:
      return Fault(
        operation, path, cause: "it is not a database",
        remedy: "name another file, or put the newest snapshot back: carillon snapshot restore",
        exit: .data)
    case .SQLITE_CORRUPT:
      return Fault(
        operation, path, cause: "it is damaged (\(message))",
        remedy: "put the newest snapshot back: carillon snapshot list, carillon snapshot restore",
        exit: .data)
    default:
      return Fault(
        operation, path, cause: "\(message) (\(error.extendedResultCode))", exit: .internal)
    }
  }
}
