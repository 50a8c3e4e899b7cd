import Domain

/// Kraken's names of assets and pairs: old assets bear an X or a Z (`XXBT`, `ZUSD`), Bitcoin is XBT and
/// Dogecoin XDG.
struct KrakenNames: Hashable, Sendable {
  let symbol: Symbol
  /// `XXBTZUSD`; pairs of which an asset is new have the short names: `XBTUSDT`.
  let id: String
  /// `XBTUSD`.
  let altname: String
  /// `XBT/USD`.
  let wsname: String

  init(_ symbol: Symbol) {
    self.symbol = symbol
    let (base, quote) = (Self.altname(symbol.base), Self.altname(symbol.quote))
    altname = base + quote
    wsname = "\(base)/\(quote)"
    let (baseID, quoteID) = (Self.id(symbol.base), Self.id(symbol.quote))
    id = baseID != base && quoteID != quote ? baseID + quoteID : altname
  }

  private static let coins: Set<String> = [
    "BTC", "ETC", "ETH", "LTC", "MLN", "REP", "XLM", "XMR", "XRP", "ZEC", "DOGE",
  ]
  private static let currencies: Set<String> = ["USD", "EUR", "GBP", "CAD", "JPY", "AUD"]

  /// The short name of an asset.
  static func altname(_ asset: String) -> String {
    ["BTC": "XBT", "DOGE": "XDG"][asset] ?? asset
  }

  /// The name by which balances are told.
  static func id(_ asset: String) -> String {
    if coins.contains(asset) { return "X" + altname(asset) }
    return currencies.contains(asset) ? "Z" + asset : asset
  }
}
