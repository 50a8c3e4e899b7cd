import Settings
import StrictYAML
import Venues

/// What kind of place an address of an exchange is.
enum ExchangePlace: Hashable {
  /// Where orders cost real money.
  case real
  /// Where an exchange tells prices, and takes no orders.
  case dataAlone
  /// This machine: an exchange in the box.
  case here
  /// Anything else: a test network, a box elsewhere.
  case elsewhere

  /// Source: github.com/binance/binance-spot-api-docs, `rest-api.md`, "General API Information".
  private static let realHosts: Set<String> = [
    "api.binance.com", "api-gcp.binance.com", "api1.binance.com", "api2.binance.com",
    "api3.binance.com", "api4.binance.com",
  ]

  /// The kind of an address.
  init(_ address: String) {
    let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
    let authority = rest.prefix { $0 != "/" }.lowercased()
    let host =
      authority.hasPrefix("[")
      ? String(authority.dropFirst().prefix { $0 != "]" }) : String(authority.prefix { $0 != ":" })
    if Self.realHosts.contains(host) {
      self = .real
    } else if host == "data-api.binance.vision" {
      self = .dataAlone
    } else if host == "localhost" || host == "::1" || Self.isLoopback(host) {
      self = .here
    } else {
      self = .elsewhere
    }
  }

  /// 127.0.0.0/8 (RFC 1122, section 3.2.1.3).
  private static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension RebalanceParameters {
  /// Whether an account of real money is at a place for it.
  func checkLive(_ site: ExchangeSite, _ reader: MappingReader) {
    let node = reader.value("account") ?? reader.node
    guard site.kind == .binance || ExchangePlace(site.address) == .here else {
      reader.log.error(
        at: node, "account `\(account)` is live, and only Binance is traded at with real money yet",
        mend: "trade at a venue of `kind: binance`, or rehearse: carillon exchange --venue kraken")
      return
    }
    switch ExchangePlace(site.address) {
    case .real:
      if !site.address.hasPrefix("https://") {
        reader.log.error(
          at: node, "account `\(account)` is live, and \(site.address) is not encrypted",
          mend: "set the venue's `base-url` to \(BinanceSpot.liveURL)")
      }
    case .here: break
    case .dataAlone:
      reader.log.error(
        at: node, "account `\(account)` is live, and \(site.address) takes no orders",
        mend: "set the venue's `base-url` to \(BinanceSpot.liveURL)")
    case .elsewhere:
      reader.log.error(
        at: node,
        "account `\(account)` is live, and \(site.address) is neither the exchange nor this machine",
        mend: "set the venue's `base-url` to \(BinanceSpot.liveURL), or the account's `mode: test`")
    }
  }
}
