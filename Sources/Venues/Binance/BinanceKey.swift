public import Cryptography
public import Domain

/// An account's key at Binance: its public half, and what signs requests.
///
/// Source: github.com/binance/binance-spot-api-docs, `rest-api.md`, "Request Security". A signature is
/// over the query and the body as they are sent, that is percent-encoded.
public struct BinanceKey: Sendable {
  /// How requests are signed.
  public enum Signing: Sendable {
    /// By the secret that Binance gave with the key: HMAC-SHA256, in hexadecimal.
    case hmac(Secret)
    /// By a key of the user's own whose public half Binance knows, in base64.
    case ed25519(Ed25519Key)
  }

  /// The public half, which goes along as `X-MBX-APIKEY`.
  public let id: Secret
  private let signing: Signing

  /// A key of these parts.
  public init(id: Secret, signing: Signing) { (self.id, self.signing) = (id, signing) }

  /// The signature of a payload, not percent-encoded.
  public func signature(of payload: String) -> String {
    switch signing {
    case .hmac(let secret):
      secret.reveal {
        Hexadecimal.text(HMAC.code(of: Array(payload.utf8), key: Array($0.utf8), .sha256))
      }
    case .ed25519(let key): Base64.text(key.signature(of: Array(payload.utf8)))
    }
  }
}
