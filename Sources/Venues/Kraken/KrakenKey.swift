import Cryptography
public import Domain

/// An account's key at Kraken: its public half, and the secret that signs requests.
///
/// Source: docs.kraken.com, "Authentication": HMAC-SHA512 by the secret over the path and the SHA-256 of
/// nonce and body, in base64.
public struct KrakenKey: Sendable {
  /// The public half, which goes along as `API-Key`.
  public let id: Secret
  private let secret: Secret

  /// A key of these parts; nil for a secret that is not base64, as Kraken's are.
  public init?(id: Secret, secret: Secret) {
    guard let bytes = secret.reveal({ Base64.bytes($0) }), !bytes.isEmpty else { return nil }
    (self.id, self.secret) = (id, secret)
  }

  /// The signature of a request.
  ///
  /// - Parameters:
  ///   - path: the path from the root: `/0/private/AddOrder`.
  ///   - nonce: the nonce, as it stands in the body.
  ///   - body: the body as it is sent.
  public func signature(of path: String, nonce: String, body: String) -> String {
    let inner = SHA256.hash(Array((nonce + body).utf8))
    return secret.reveal { text in
      Base64.text(
        HMAC.code(of: Array(path.utf8) + inner, key: Base64.bytes(text) ?? [], .sha512))
    }
  }

  /// A name for the key in files and tables, which says nothing of it.
  public var digest: String {
    id.reveal { String(SHA256.hexadecimal(Array("kraken key \($0)".utf8)).prefix(16)) }
  }
}
