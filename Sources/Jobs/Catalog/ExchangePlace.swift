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

  /// The hosts of an exchange where orders cost real money.
  ///
  /// Source: github.com/binance/binance-spot-api-docs, `rest-api.md`, "General API Information";
  /// docs.kraken.com, "Spot REST".
  private static func realHosts(_ kind: VenueSettings.Kind) -> Set<String> {
    switch kind {
    case .binance:
      [
        "api.binance.com", "api-gcp.binance.com", "api1.binance.com", "api2.binance.com",
        "api3.binance.com", "api4.binance.com",
      ]
    case .kraken: ["api.kraken.com"]
    case .csv, .simulated: []
    }
  }

  /// The kind of an address, for those who speak with an exchange of this kind.
  init(_ address: String, _ kind: VenueSettings.Kind) {
    let host = Self.host(of: address)
    if Self.realHosts(kind).contains(host) {
      self = .real
    } else if kind == .binance, host == "data-api.binance.vision" {
      self = .dataAlone
    } else if host == "localhost" || host == "::1" || Self.isLoopback(host) {
      self = .here
    } else {
      self = .elsewhere
    }
  }

  /// The host of an address, without brackets.
  static func host(of address: String) -> String {
    let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
    let authority = rest.prefix { $0 != "/" }.lowercased()
    return authority.hasPrefix("[")
      ? String(authority.dropFirst().prefix { $0 != "]" }) : String(authority.prefix { $0 != ":" })
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
      if site.place == .dataAlone { checkLive(account, site, reader) }
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
    let real = site.kind == .kraken ? KrakenSpot.liveURL : BinanceSpot.liveURL
    func refuse(_ cause: String, orElse: String = "") {
      reader.log.error(
        at: node, "account `\(account)` is live, and \(site.address) \(cause)",
        mend: "set the venue's `base-url` to \(real)\(orElse)")
    }
    switch site.place {
    case .real:
      if !site.address.hasPrefix("https://") { refuse("is not encrypted") }
    case .here: break
    case .dataAlone: refuse("takes no orders")
    case .elsewhere:
      refuse(
        "is neither the exchange nor this machine",
        orElse: site.kind == .kraken ? "" : ", or the account's `mode: test`")
    }
  }
}
