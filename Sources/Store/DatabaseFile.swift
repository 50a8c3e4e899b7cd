import Disk
import Domain
import Glibc

/// The database as a file in a directory: what can be told about it before SQLite opens it, in words
/// that name the command that mends it.
struct DatabaseFile {
  var path: String

  /// The directory that the file lies in.
  var folder: String { FilePath.folder(of: path) }

  /// Refuses what SQLite would refuse with fewer words.
  func check(for mode: Store.Mode) throws(Fault) {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw fault("it is a directory", "name a file in it: \(path)/carillon.db", .cannotCreate)
    }
    var folderStatus = stat()
    guard stat(folder, &folderStatus) == 0 else {
      throw fault(
        "the directory \(folder) does not exist", "mkdir -p \(folder)",
        mode.creates ? .cannotCreate : .noInput)
    }
    guard folderStatus.st_mode & S_IFMT == S_IFDIR else {
      throw fault(
        "\(folder) is not a directory", "name a file in a directory",
        mode.creates ? .cannotCreate : .noInput)
    }
    guard exists || mode.creates else {
      throw fault(
        "no such file", "carillon init, or name the file that `carillon run` uses", .noInput)
    }
    guard mode != .readOnly else { return }
    // SQLite writes a log beside the file, so the directory must be writable too.
    for target in exists ? [folder, path] : [folder] where access(target, W_OK) != 0 {
      let code = errno
      throw fault(
        code == EROFS
          ? "\(target) is on a read-only file system"
          : "\(target) cannot be written by user \(geteuid()) (\(String(cString: strerror(code))))",
        code == EROFS
          ? "mount it read-write, or name another directory" : FileFault.ownership(of: folder),
        exists ? .io : .cannotCreate)
    }
  }

  private func fault(_ cause: String, _ remedy: String, _ exit: ExitCode) -> Fault {
    Fault("open the database", path, cause: cause, remedy: remedy, exit: exit)
  }
}
