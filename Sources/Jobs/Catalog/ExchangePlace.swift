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

extension AccountSettings {
  /// Whether an account is at a place where it can trade, by the venue that a job of it looks at; mistakes
  /// go to the reader's log.
  func checkPlace(_ account: String, _ universe: Universe, _ reader: MappingReader) {
    guard execution != .paper else { return }
    let node = reader.value("account") ?? reader.node
    if let venue, venue != universe.venue {
      reader.log.error(
        at: node,
        "account `\(account)` trades at `\(venue)`, and the job looks at `\(universe.venue)`",
        mend: "name one venue in both")
    }
    guard let site = universe.exchange else {
      reader.log.error(
        at: node,
        "account `\(account)` trades at an exchange, and venue `\(universe.venue)` is none",
        mend: "name a venue of `kind: binance` or `kraken`, or set the account's `mode: paper`")
      return
    }
    if isLive { return checkLive(account, site, reader) }
    // Nothing is sent: every place will do that tells balances.
    if isShadow {
      if ExchangePlace(site.address) == .dataAlone { checkLive(account, site, reader) }
      return
    }
    // Kraken's refusal comes with the run: it has nowhere else to go.
    if site.kind == .binance, !site.isForTrying {
      reader.log.error(
        at: node, "account `\(account)` is for trying out, and \(site.address) is not",
        mend: "set the venue's `base-url` to \(BinanceSpot.testURL), or to that of "
          + "`carillon exchange --venue binance`")
    }
  }

  /// Whether an account of real money is at a place for it.
  private func checkLive(_ account: String, _ site: ExchangeSite, _ reader: MappingReader) {
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
