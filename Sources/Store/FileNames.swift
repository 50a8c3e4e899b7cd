import CLinux
import Disk
import Domain
import Glibc

/// Names of files, as the kernel gives and takes them in one step.
enum FileNames {
  /// Gives a file a name that must be free: it never replaces one that has appeared meanwhile.
  ///
  /// - Throws: exit 73 or 74 when the name is taken or the disk refuses; the file is gone then.
  static func take(_ name: String, from file: String) throws(Fault) {
    if carillon_rename_new(file, name) == 0 { return }
    let code = errno
    defer { unlink(file) }
    // Where the file system knows no such rename, a link does it in two steps.
    guard code == EINVAL || code == ENOSYS, link(file, name) == 0 else {
      throw FileFault.of("create", name, code)
    }
  }

  /// Exchanges a file that is there with another that may be: one step, and no moment without a file
  /// of either name.
  ///
  /// - Throws: exit 73 or 74 when the disk refuses.
  static func exchange(_ new: String, with name: String) throws(Fault) {
    if carillon_exchange(new, name) == 0 { return }
    switch errno {
    case ENOENT: try take(name, from: new)
    case EINVAL, ENOSYS:
      // A file system without exchange: the present one steps aside first.
      let aside = new + ".old"
      guard rename(name, aside) == 0, rename(new, name) == 0, rename(aside, new) == 0 else {
        throw FileFault.of("replace", name, errno)
      }
    case let code: throw FileFault.of("replace", name, code)
    }
  }

  /// Whether something is mounted at just this path.
  static func isMount(_ path: String) -> Bool { carillon_is_mount(path) != 0 }
}
