import Glibc
import Store

/// The file beside the database whose change tells the running service that a request waits. Where
/// notification does not cross a mount, its next wake finds the request too.
public struct RequestBell {
  /// The path of the file.
  public let path: String
  private let database: String

  /// The bell of a database's service.
  public init(database: String) { (self.database, path) = (database, database + ".request") }

  /// Rings where a service runs that hears it: something has happened that people are told of.
  public func ringIfHeard() {
    do {
      guard try DaemonLock.isHeld(database) else { return }
    } catch {
      return  // another user's, who hears nothing of ours
    }
    ring()
  }

  /// Rings. What goes wrong costs the time until the next wake.
  public func ring() {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    futimens(file, nil)
    close(file)
  }
}
