import Cryptography
import Disk
import Domain
import Exchange
import Net
import Settings
import Venues

/// An exchange that orders can be sent to, before it is known on whose behalf.
struct ExchangeSite: Sendable {
  /// The venue's name in the settings.
  let name: String
  /// The address.
  let address: String
  /// What sends a request once, within the venue's budget.
  let transport: any HTTPTransport

  /// The hosts where an order costs real money.
  ///
  /// Source: github.com/binance/binance-spot-api-docs, `rest-api.md`, "General API Information".
  private static let realHosts: Set<String> = [
    "api.binance.com", "api-gcp.binance.com", "api1.binance.com", "api2.binance.com",
    "api3.binance.com", "api4.binance.com", "data-api.binance.vision",
  ]

  /// Whether orders sent here cost no real money.
  var isForTrying: Bool {
    let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
    let host = rest.prefix { $0 != "/" && $0 != ":" }.lowercased()
    return !Self.realHosts.contains(host) && !host.hasSuffix(".binance.com")
  }

  /// The exchange as an account meets it. Its key is read anew each time, so that it can be exchanged
  /// while the service runs.
  ///
  /// - Throws: a `Fault` when a file of the key cannot be read, or is none.
  func venue(
    _ access: AccountSettings.ExchangeAccess, fees: FeeSchedule, time: any TimeSource
  ) throws(Fault) -> any Venue {
    BinanceSpot(
      transport: transport, baseURL: address, name: name, key: try Self.key(access), time: time,
      fees: fees)
  }

  private static func key(_ access: AccountSettings.ExchangeAccess) throws(Fault) -> BinanceKey {
    let secret = try text(of: access.secretFile)
    guard secret.contains("-----BEGIN") else {
      return BinanceKey(id: Secret(try text(of: access.keyFile)), signing: .hmac(Secret(secret)))
    }
    guard let key = Ed25519Key(pem: secret + "\n") else {
      throw Fault(
        "read the key", access.secretFile, cause: "it is no private key of Ed25519 in PEM",
        remedy:
          "make one: openssl genpkey -algorithm ed25519, or use the secret that came with the key",
        exit: .configuration)
    }
    return BinanceKey(id: Secret(try text(of: access.keyFile)), signing: .ed25519(key))
  }

  /// What a file of a key holds, without white space around it.
  private static func text(of path: String) throws(Fault) -> String {
    let text = try TextFile.read(
      path, remedy: "write it there, readable for the user that carillon runs as alone")
    var bytes = text.utf8[...]
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    while let first = bytes.first, isSpace(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
    guard let trimmed = String(bytes), !trimmed.isEmpty else {
      throw Fault(
        "read the key", path, cause: "the file is empty", remedy: "write the key into it",
        exit: .configuration)
    }
    return trimmed
  }
}
