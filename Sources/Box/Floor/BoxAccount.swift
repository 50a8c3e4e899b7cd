public import Domain

/// Somebody who trades in the box: a key, and what the account begins with.
public struct BoxAccount: Hashable, Sendable {
  /// The name in the accounts file.
  public var name: String
  /// The public half of the key.
  public var key: String
  /// What requests are signed with: text for HMAC, or a private key of Ed25519 in PEM.
  public var secret: Secret
  /// What there is at the beginning, by asset.
  public var balances: [String: Amount]
  /// Whether the key may take money out, as a key should not.
  public var mayWithdraw = false

  /// An account of these parts.
  public init(name: String, key: String, secret: Secret, balances: [String: Amount]) {
    self.name = name
    self.key = key
    self.secret = secret
    self.balances = balances
  }

  /// The account of a box that was given no accounts file: key `key`, secret `c2VjcmV0c2VjcmV0`.
  public static let standard = BoxAccount(
    name: "main", key: "key", secret: Secret("c2VjcmV0c2VjcmV0"),
    balances: [
      "USDT": Amount(10_000), "USD": Amount(10_000), "BTC": Amount(1), "ETH": Amount(10),
    ])
}
