import Cryptography
import Domain

/// An account's key at Kraken: whose it is, what it signs with, its newest nonce, and the counter of its
/// calls.
///
/// Source: Kraken's REST documentation, "Authentication" and "Rate limits": a counter that each call
/// raises and time lowers, here that of an Intermediate account.
struct KrakenAccess: Sendable {
  /// The most that the counter may be.
  static let mostCalls = 20.0
  /// What it is lowered by in a second.
  static let decayPerSecond = 0.5

  let account: String
  private let secret: Secret
  private var nonce: UInt64 = 0
  private var calls = 0.0
  private var counted = Instant.epoch

  /// The access of an account. - Throws: `Fault` for a secret that is not base64.
  init(_ account: BoxAccount) throws(Fault) {
    self.account = account.name
    secret = account.secret
    guard account.secret.reveal({ Base64.bytes($0) }) != nil else {
      throw Fault(
        "open the account", account.name, cause: "its secret is not base64, as Kraken's are",
        remedy: "make one with: openssl rand -base64 64", exit: .configuration)
    }
  }

  /// Whether a signature is this key's: HMAC-SHA512 of path and SHA-256 of nonce and body.
  func signed(_ request: WireRequest, nonce: String, by signature: String) -> Bool {
    guard let sent = Base64.bytes(signature),
      let key = secret.reveal({ Base64.bytes($0) })
    else { return false }
    let inner = SHA256.hash(Array((nonce + request.body).utf8))
    return ConstantTime.areEqual(
      HMAC.code(of: Array(request.path.utf8) + inner, key: key, .sha512), sent)
  }

  /// Whether a nonce is greater than all before it, which it then is one of.
  mutating func accept(nonce text: String) -> Bool {
    guard let value = UInt64(text), value > nonce else { return false }
    nonce = value
    return true
  }

  /// Whether there is room for a call of a weight; those of none are not counted.
  mutating func count(_ weight: Double, at now: Instant) -> Bool {
    guard weight > 0 else { return true }
    let gone = Double((now - counted).milliseconds) / 1000
    if gone > 0 { calls = max(0, calls - gone * Self.decayPerSecond) }
    counted = max(counted, now)
    calls += weight
    guard calls > Self.mostCalls else { return true }
    // Going on without a pause keeps the counter where it is.
    calls = min(calls, Self.mostCalls + 2)
    return false
  }
}
