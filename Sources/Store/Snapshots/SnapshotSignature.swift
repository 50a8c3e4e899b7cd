public import Cryptography

/// Whose a snapshot's description is.
public struct SnapshotSignature: Hashable, Sendable {
  /// The key that checks it.
  public var key: Ed25519VerifyingKey
  /// The signature over all that was true when the snapshot was taken, 64 bytes.
  public var bytes: [UInt8]
}
