import Cryptography
import Domain

/// An account's key at Binance as the venue knows it: whose it is, and how its signatures are proven.
struct BinanceAccess: Sendable {
  let account: String
  private let proof: Proof

  private enum Proof: Sendable {
    case hmac(Secret)
    /// A signature of Ed25519 is a function of key and message, so that it can be made again.
    case ed25519(Ed25519Key)
  }

  /// The access of an account.
  ///
  /// - Throws: `Fault` for a private key that is none of Ed25519.
  init(_ account: BoxAccount) throws(Fault) {
    self.account = account.name
    let isPEM = account.secret.reveal { $0.hasPrefix("-----BEGIN") }
    guard isPEM else {
      proof = .hmac(account.secret)
      return
    }
    guard let key = account.secret.reveal({ Ed25519Key(pem: $0) }) else {
      throw Fault(
        "open the account", account.name, cause: "its secret is no private key of Ed25519",
        remedy: "make one with: openssl genpkey -algorithm ed25519", exit: .configuration)
    }
    proof = .ed25519(key)
  }

  /// Whether a signature, as it was sent, is this key's for a payload.
  func signed(_ payload: String, by signature: String) -> Bool {
    switch proof {
    case .hmac(let secret):
      let code = secret.reveal {
        HMAC.code(of: Array(payload.utf8), key: Array($0.utf8), .sha256)
      }
      // The case of hexadecimal digits does not matter, that of base64 does.
      return ConstantTime.areEqual(
        Array(Hexadecimal.text(code).utf8), Array(signature.lowercased().utf8))
    case .ed25519(let key):
      guard let sent = Base64.bytes(signature) else { return false }
      return ConstantTime.areEqual(key.signature(of: Array(payload.utf8)), sent)
    }
  }
}
