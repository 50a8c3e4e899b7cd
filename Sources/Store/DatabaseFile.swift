import Disk
import Domain
import Glibc

/// The database as a file in a directory: what can be told about it before SQLite opens it, in words
/// that name the command that mends it.
struct DatabaseFile {
  /// Where it lies, links followed: the log and the locks lie beside it there.
  var path: String

  /// The file that a path leads to.
  init(path: String) { self.path = FilePath.target(of: path) }

  /// The directory that the file lies in.
  var folder: String { FilePath.folder(of: path) }

  /// Refuses what SQLite would refuse with fewer words, and what it would not refuse but spoil.
  func check(for mode: Store.Mode) throws(Fault) {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists { try check(status) }
    if !exists, lstat(path, &status) == 0 {
      throw fault(
        "it is a symbolic link that leads nowhere", "remove it, or name its target",
        mode.creates ? .cannotCreate : .noInput)
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
    guard mode.writes else { return }
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

  /// Refuses what is no file of its own. Two names of one file have each its own log, and SQLite
  /// would read the file without the log that the other name has: both spoil it.
  private func check(_ status: stat) throws(Fault) {
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw fault("it is a directory", "name a file in it: \(path)/carillon.db", .cannotCreate)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw fault("it is no file but a device or a pipe", "name another path", .cannotCreate)
    }
    guard status.st_nlink <= 1 else {
      throw fault(
        "it has \(status.st_nlink) names (hard links), and each would have a log of its own",
        "remove the others: find \(folder) -xdev -samefile \(path)", .refused)
    }
    guard !FileNames.isMount(path) else {
      throw fault(
        "it is mounted by itself, so that its log lies elsewhere than the file's own",
        "mount the folder that it lies in", .refused)
    }
  }

  /// Makes an empty file that its owner alone may read, where there is none. SQLite gives its log the
  /// same mode.
  func make() throws(Fault) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST { return }
      let cause = String(cString: strerror(errno))
      throw fault(
        errno == ENOSPC ? "the disk is full" : cause, FileFault.ownership(of: folder), .cannotCreate
      )
    }
    // Nobody has it open yet whose locks this could drop.
    close(descriptor)
  }

  private func fault(_ cause: String, _ remedy: String, _ exit: ExitCode) -> Fault {
    Fault("open the database", path, cause: cause, remedy: remedy, exit: exit)
  }
}
