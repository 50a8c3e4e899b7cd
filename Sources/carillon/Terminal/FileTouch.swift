import Domain
import Glibc

/// Marks files as changed.
enum FileTouch {
  /// Sets the time of change of a file to now.
  ///
  /// - Throws: exit 74 when that is refused.
  static func now(_ path: String) throws(Fault) {
    guard utimes(path, nil) == 0 else {
      throw Fault(
        "touch", path, cause: String(cString: strerror(errno)),
        remedy: "send SIGHUP to the running carillon instead", exit: .io)
    }
  }
}
