import Domain
import Glibc

/// Whether the file that was opened still lies at the database's path: a service whose database was
/// removed, renamed or replaced would go on writing into a file that nobody sees.
struct DatabasePresence {
  private let path: String
  private let device: UInt64
  private let inode: UInt64

  /// The presence of a database that was just opened; nil when it is gone already.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.path = path
    (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  /// Why the database is lost; nil when it is where it was. A path that the file system cannot look at
  /// just now tells nothing.
  func fault() -> Fault? {
    var status = stat()
    let cause: String
    if stat(path, &status) != 0 {
      guard errno == ENOENT || errno == ENOTDIR else { return nil }
      cause = "it was removed or renamed while the service runs on it"
    } else {
      guard UInt64(status.st_dev) != device || UInt64(status.st_ino) != inode else { return nil }
      cause = "another file was put in its place while the service runs on it"
    }
    return Fault(
      "use the database", path, cause: cause,
      remedy: "stop carillon, put the database back, and start it again; carillon snapshot restore "
        + "is the way to replace one", exit: .io, storage: .gone)
  }
}
