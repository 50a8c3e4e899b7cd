public import Domain

/// Whom a file is encrypted to: the public half of an age identity, `age1...`.
public struct AgeRecipient: Hashable, Sendable, CustomStringConvertible {
  private static let prefix = "age"
  let point: [UInt8]

  init(point: [UInt8]) { self.point = point }

  /// Reads `age1...`; nil for anything else, a mistyped one included.
  public init?(_ text: String) {
    guard let point = Bech32.bytes(text, prefix: Self.prefix), point.count == X25519.byteCount,
      text == text.lowercased()
    else { return nil }
    self.point = point
  }

  /// `age1...`
  public var description: String { Bech32.text(point, prefix: Self.prefix) }
}

/// What opens a file that was encrypted to its recipient: `AGE-SECRET-KEY-1...`.
public struct AgeIdentity: Sendable {
  private static let prefix = "age-secret-key-"
  let key: [UInt8]
  /// Whom others encrypt to.
  public let recipient: AgeRecipient

  private init(key: [UInt8]) {
    self.key = key
    recipient = AgeRecipient(point: X25519.publicKey(of: key))
  }

  /// A new one, of random bytes.
  public static func make() -> AgeIdentity {
    AgeIdentity(key: RandomBytes.make(X25519.byteCount))
  }

  /// Reads `AGE-SECRET-KEY-1...`; nil for anything else.
  public init?(_ text: String) {
    guard let key = Bech32.bytes(text, prefix: Self.prefix), key.count == X25519.byteCount else {
      return nil
    }
    self.init(key: key)
  }

  /// `AGE-SECRET-KEY-1...`, for a file that nobody else reads.
  public var text: Secret { Secret(Bech32.text(key, prefix: Self.prefix).uppercased()) }
}
