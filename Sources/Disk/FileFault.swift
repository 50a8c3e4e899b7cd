public import Domain
import Glibc

/// The system's errors about files, as faults.
public enum FileFault {
  /// The fault of an error number, with the remedy that mends it.
  public static func of(_ operation: String, _ path: String, _ code: Int32) -> Fault {
    let folder = FilePath.folder(of: path)
    let exit: ExitCode
    let remedy: String?
    switch code {
    case ENOENT: (exit, remedy) = (.noInput, nil)
    case ENOSPC, EDQUOT:
      (exit, remedy) = (.io, "free space in \(folder) (df -h \(folder)) and try again")
    case EROFS: (exit, remedy) = (.cannotCreate, "mount it read-write, or name another directory")
    case EACCES, EPERM: (exit, remedy) = (.cannotCreate, ownership(of: folder))
    case ENOTDIR, EISDIR: (exit, remedy) = (.cannotCreate, "name another path")
    case ELOOP:
      (exit, remedy) = (
        .cannotCreate, "a symbolic link stands there: remove it, or name its target"
      )
    default: (exit, remedy) = (.io, "check the disk under \(folder) (dmesg, df -h \(folder))")
    }
    return Fault(
      operation, path, cause: code == ENOSPC ? "the disk is full" : String(cString: strerror(code)),
      remedy: remedy, exit: exit)
  }

  /// The command that makes a directory ours.
  public static func ownership(of folder: String) -> String {
    "sudo chown -R \(geteuid()):\(getegid()) \(folder) && sudo chmod -R u+rwX \(folder)"
  }
}
