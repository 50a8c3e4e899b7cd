import CLinux
public import Domain
import Glibc

/// The time of the loop's last turn, as the modification time of a file beside the database: told
/// without writing to the database, so that an idle process costs no disk.
public struct Heartbeat {
  private let path: String

  /// The heartbeat of a database's daemon.
  public init(database: String) { path = database + ".heartbeat" }

  /// The loop turned now. What goes wrong is nobody's concern but the watcher's, who sees it stop.
  func beat() {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    futimens(file, nil)
    close(file)
  }

  /// When the loop last turned; nil when it never did.
  public var last: Instant? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Instant(
      milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
  }
}
