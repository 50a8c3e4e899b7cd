import Glibc

/// Who writes, and from where: what the audit names beside what was done.
public struct Actor: Hashable, Sendable {
  /// The person, or the user of the system that the process runs as.
  public var who: String
  /// The machine and, where there is one, the terminal; or the address of a page's reader.
  public var origin: String

  /// Somebody, somewhere.
  public init(who: String, origin: String) { (self.who, self.origin) = (who, origin) }

  /// The user that this process runs as, on this machine. Behind `sudo` it is who called it.
  public static let process = Actor(who: user(), origin: place())

  /// The longest part of a name that is taken, in characters.
  private static let maximumCharacters = 200

  private static func user() -> String {
    let number = geteuid()
    let name = getpwuid(number).map { String(cString: $0.pointee.pw_name) } ?? "user \(number)"
    guard let caller = getenv("SUDO_USER").map({ String(cString: $0) }), !caller.isEmpty,
      caller != name
    else { return name }
    return "\(caller.prefix(maximumCharacters)) as \(name)"
  }

  private static func place() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let host = gethostname(&buffer, buffer.count - 1) == 0 ? text(buffer) : "a host without name"
    guard isatty(STDIN_FILENO) == 1, ttyname_r(STDIN_FILENO, &buffer, buffer.count - 1) == 0
    else { return host }
    return "\(host) \(text(buffer))"
  }

  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
