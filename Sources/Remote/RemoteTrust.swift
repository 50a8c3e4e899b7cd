public import Cryptography

/// With what a copy is opened, and whose copies are believed.
public struct RemoteTrust: Sendable {
  /// What opens.
  public var identities: [AgeIdentity]
  /// Whose signatures are believed; at least one.
  public var keys: [Ed25519VerifyingKey]

  /// The trust in these.
  public init(identities: [AgeIdentity], keys: [Ed25519VerifyingKey]) {
    (self.identities, self.keys) = (identities, keys)
  }
}
