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
  /// Whose interface it is: one of those that take orders.
  let kind: VenueSettings.Kind
  /// The address.
  let address: String
  /// What sends a request once, within the venue's budget.
  let transport: any HTTPTransport
  /// What is known of the keys of accounts.
  let keys: VenueKeys

  /// What kind of place it is.
  var place: ExchangePlace { ExchangePlace(address, kind) }

  /// Whether orders sent here cost no real money. Kraken Spot has no test network: whatever is not on this
  /// machine may be the exchange itself.
  var isForTrying: Bool {
    switch place {
    case .real, .dataAlone: false
    case .here: true
    case .elsewhere:
      kind != .kraken && !ExchangePlace.host(of: address).hasSuffix(".binance.com")
    }
  }

  /// The exchange as an account meets it. Its key is read anew each time, so that it can be exchanged
  /// while the service runs.
  ///
  /// - Throws: a `Fault` when a file of the key cannot be read, or is none.
  func venue(
    _ access: AccountSettings.ExchangeAccess, fees: FeeSchedule, time: any TimeSource
  ) throws(Fault) -> any Venue {
    guard kind == .kraken else {
      return BinanceSpot(
        transport: transport, baseURL: address, name: name, key: try Self.binanceKey(access),
        time: time, fees: fees)
    }
    let key = try Self.krakenKey(access)
    return KrakenSpot(
      transport: transport, baseURL: address, name: name, key: key,
      keeper: keys.keeper(key.digest), time: time, fees: fees)
  }

  private static func krakenKey(
    _ access: AccountSettings.ExchangeAccess
  ) throws(Fault) -> KrakenKey {
    let id = Secret(try text(of: access.keyFile))
    guard let key = KrakenKey(id: id, secret: Secret(try text(of: access.secretFile))) else {
      throw Fault(
        "read the key", access.secretFile, cause: "it is not base64, as Kraken's secrets are",
        remedy: "write the private key there as Kraken showed it", exit: .configuration)
    }
    return key
  }

  private static func binanceKey(
    _ access: AccountSettings.ExchangeAccess
  ) throws(Fault) -> BinanceKey {
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
    let start = text.drop(while: \.isWhitespace)
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else {
      throw Fault(
        "read the key", path, cause: "the file is empty", remedy: "write the key into it",
        exit: .configuration)
    }
    return String(start[...end])
  }
}
