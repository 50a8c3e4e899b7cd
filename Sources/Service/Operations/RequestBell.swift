import Glibc

/// The file beside the database whose change tells the running service that a request waits. Where
/// notification does not cross a mount, its next wake finds the request too.
public struct RequestBell {
  /// The path of the file.
  public let path: String

  /// The bell of a database's service.
  public init(database: String) { path = database + ".request" }

  /// Rings. What goes wrong costs the time until the next wake.
  public func ring() {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    futimens(file, nil)
    close(file)
  }
}
