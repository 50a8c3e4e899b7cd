import Domain

/// Kraken's names of assets: old ones bear an X or a Z (`XXBT`, `ZUSD`), Bitcoin is XBT and Dogecoin XDG.
///
/// Source: the answer of `Assets`, where only assets of before 2017 have such names.
enum KrakenAsset {
  private static let short = ["XBT": "BTC", "XDG": "DOGE"]
  private static let old: [String: String] = {
    var names = Dictionary(
      uniqueKeysWithValues: [
        "ETC", "ETH", "LTC", "MLN", "REP", "XLM", "XMR", "XRP", "ZEC",
      ].map { ("X\($0)", $0) })
    for name in ["USD", "EUR", "GBP", "CAD", "JPY", "AUD"] { names["Z\(name)"] = name }
    names["XXBT"] = "BTC"
    names["XXDG"] = "DOGE"
    return names
  }()

  /// An asset as everybody else calls it: `BTC` for `XXBT` and `XBT`. What is staked or lent keeps its
  /// suffix (`BTC.F`), since it cannot be sold as it is.
  static func common(_ name: String) -> String {
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let head = String(parts[0])
    let asset = old[head] ?? short[head] ?? head
    return parts.count > 1 ? "\(asset).\(parts[1])" : asset
  }

  /// The short name that pairs are made of: `XBT` for `BTC`.
  static func alternative(_ asset: String) -> String {
    short.first { $0.value == asset }?.key ?? asset
  }

  /// The name of a pair by which it may be asked for: `XBTUSD`.
  static func pairName(_ symbol: Symbol) -> String {
    alternative(symbol.base) + alternative(symbol.quote)
  }
}
