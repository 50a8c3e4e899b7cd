public import Domain

/// A file of identities as `age-keygen` writes it: one a line, and comments after `#`.
///
/// A comment of ours names the key that snapshots are signed with, so that who holds the file can tell
/// a snapshot from a forgery too; `age` passes over it.
public struct AgeIdentityFile: Sendable {
  /// What opens.
  public var identities: [AgeIdentity]
  /// Whose signatures are believed.
  public var verifyingKeys: [Ed25519VerifyingKey]

  private static let verifyingPrefix = "# carillon verifying key: "

  /// A file of these.
  public init(identities: [AgeIdentity], verifyingKeys: [Ed25519VerifyingKey]) {
    (self.identities, self.verifyingKeys) = (identities, verifyingKeys)
  }

  /// Reads a file's text; nil where a line is neither a comment nor an identity, or none is there.
  public init?(_ text: String) {
    var (identities, keys): ([AgeIdentity], [Ed25519VerifyingKey]) = ([], [])
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.drop { $0 == " " }
      if words.isEmpty { continue }
      if words.hasPrefix(Self.verifyingPrefix) {
        guard
          let key = Ed25519VerifyingKey(String(words.dropFirst(Self.verifyingPrefix.count)))
        else { return nil }
        keys.append(key)
      } else if !words.hasPrefix("#") {
        guard let identity = AgeIdentity(String(words)) else { return nil }
        identities.append(identity)
      }
    }
    guard !identities.isEmpty else { return nil }
    self.init(identities: identities, verifyingKeys: keys)
  }

  /// The text of the file, for a file that nobody else reads.
  public var text: Secret {
    var lines = verifyingKeys.map { Self.verifyingPrefix + $0.description }
    for identity in identities {
      lines.append("# public key: \(identity.recipient)")
      lines.append(identity.text.reveal { $0 })
    }
    return Secret(lines.map { $0 + "\n" }.joined())
  }
}
