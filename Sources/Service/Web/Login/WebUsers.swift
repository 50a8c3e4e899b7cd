public import Domain

/// Who may log in: the lines of a file, `NAME:HASH`, or `NAME:HASH:view` for who may look and not act.
/// Files of `htpasswd -B` are such.
public struct WebUsers: Sendable {
  /// One of them.
  struct User: Sendable {
    var name: String
    var hash: PasswordHash
    var mayAct: Bool
  }

  private let users: [String: User]

  /// So many at most.
  static let maximumUsers = 100

  /// The users of a text.
  ///
  /// - Parameters:
  ///   - text: the file's text.
  ///   - file: its path, for messages.
  /// - Throws: exit 78 with the line for what cannot be read.
  public init(_ text: String, file: String) throws(Fault) {
    var users: [String: User] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      func fault(_ cause: String) -> Fault {
        Fault(
          "read", "\(file) line \(index + 1)", cause: cause,
          remedy: "write it like kim:$y$..., or kim:$y$...:view; carillon web password makes one",
          exit: .configuration)
      }
      let parts = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 || parts.count == 3 && parts[2] == "view" else {
        throw fault("it is no NAME:HASH and no NAME:HASH:view")
      }
      guard Self.isName(parts[0]) else {
        throw fault("a name has 1 to 64 letters, digits and ._-")
      }
      guard users[parts[0]] == nil else { throw fault("\(parts[0]) is there twice") }
      do {
        users[parts[0]] = User(
          name: parts[0], hash: try PasswordHash(parts[1]), mayAct: parts.count == 2)
      } catch { throw fault(error.cause + (error.remedy.map { "; \($0)" } ?? "")) }
    }
    guard (1...Self.maximumUsers).contains(users.count) else {
      throw Fault(
        "read", file, cause: "it has \(users.count) users: from 1 to \(Self.maximumUsers) may be",
        remedy: "carillon web password makes a line", exit: .configuration)
    }
    self.users = users
  }

  /// Whether a text may be the name of somebody.
  static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
  }

  /// The user of a name.
  subscript(_ name: String) -> User? { users[name] }
  /// Any of them, against whose hash the password of a name that is not there is tried, so that both
  /// answers take as long.
  var anyone: User? { users.values.min { $0.name < $1.name } }
}
