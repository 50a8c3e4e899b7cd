import Cryptography
public import Domain

/// The tokens by which machines ask: lines `NAME:SCOPE:HASH` of a file, where the hash is that of the
/// token, which is nowhere on record. A token is 256 random bits, so one fast hash hides it.
public struct MachineTokens: Sendable {
  /// What a token allows.
  public enum Scope: String, CaseIterable, Sendable {
    /// To read what the pages show.
    case read
    /// And to do what they do.
    case act
  }

  /// One of them.
  public struct Token: Hashable, Sendable {
    /// Whose it is.
    public var name: String
    /// What it allows.
    public var scope: Scope
    /// SHA-256 of it, in 64 hexadecimal digits.
    public var hash: String

    /// Its line in the file.
    public var line: String { "\(name):\(scope.rawValue):\(hash)" }
  }

  /// All of them, in the order of the file.
  public private(set) var tokens: [Token] = []

  /// So many at most.
  public static let maximumTokens = 100
  /// What every token begins with, so that one that leaks is known for what it is.
  static let prefix = "carillon_"

  /// No tokens.
  public init() {}

  /// The tokens of a text.
  ///
  /// - Parameter file: its path, for messages.
  /// - Throws: exit 78 with the line for what cannot be read.
  public init(_ text: String, file: String) throws(Fault) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      func fault(_ cause: String) -> Fault {
        Fault(
          "read", "\(file) line \(index + 1)", cause: cause,
          remedy: "write such lines by: carillon web token add NAME", exit: .configuration)
      }
      let parts = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, let scope = Scope(rawValue: parts[1]), parts[2].utf8.count == 64,
        parts[2].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
      else { throw fault("it is no NAME:read:HASH and no NAME:act:HASH") }
      guard WebUsers.isName(parts[0]) else {
        throw fault("a name has 1 to 64 letters, digits and ._-")
      }
      guard self[parts[0]] == nil else { throw fault("\(parts[0]) is there twice") }
      guard tokens.count < Self.maximumTokens else {
        throw fault("there are more than \(Self.maximumTokens)")
      }
      tokens.append(Token(name: parts[0], scope: scope, hash: parts[2]))
    }
  }

  /// The token of a name.
  public subscript(_ name: String) -> Token? { tokens.first { $0.name == name } }

  /// The token that somebody shows; nil where it is none of these.
  func token(shown text: String) -> Token? {
    let hash = SHA256.hexadecimal(text.utf8)
    return tokens.first { ConstantTime.areEqual(Array($0.hash.utf8), Array(hash.utf8)) }
  }

  /// Adds a token of a name.
  ///
  /// - Returns: the token itself, which is told once.
  /// - Throws: exit 64 for a name that is none or is taken, 75 where there are too many.
  public mutating func add(_ name: String, _ scope: Scope) throws(Fault) -> Secret {
    func fault(_ cause: String, _ remedy: String?) -> Fault {
      Fault("add", "the token \(name)", cause: cause, remedy: remedy, exit: .usage)
    }
    guard WebUsers.isName(name) else {
      throw fault("a name has 1 to 64 letters, digits and ._-", nil)
    }
    guard self[name] == nil else {
      throw fault("there is one of that name", "carillon web token revoke \(name)")
    }
    guard tokens.count < Self.maximumTokens else {
      throw fault("there are \(tokens.count) already", "revoke one: carillon web token list")
    }
    let secret = Self.prefix + Sessions.secret()
    tokens.append(Token(name: name, scope: scope, hash: SHA256.hexadecimal(secret.utf8)))
    return Secret(secret)
  }

  /// Takes the token of a name back. Returns whether there was one.
  public mutating func revoke(_ name: String) -> Bool {
    let before = tokens.count
    tokens.removeAll { $0.name == name }
    return tokens.count < before
  }

  /// The text of their file.
  public var text: String {
    "# Tokens of machines. A line that is taken out is revoked at once.\n"
      + tokens.map { $0.line + "\n" }.joined()
  }
}
