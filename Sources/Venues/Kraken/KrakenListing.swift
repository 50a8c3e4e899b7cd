import Domain
import Net

/// One pair of `AssetPairs`: its rules and whether it trades.
///
/// Source: github.com/krakenfx/api-specs, spot-rest, AssetPairs.
struct KrakenListing {
  let instrument: Instrument
  /// The name that answers are keyed by: `XXBTZUSD`.
  let id: String
  /// `XBTUSD`.
  let alternative: String
  let status: String
  /// Whether it trades now, in every way.
  var isTrading: Bool { status == "online" }

  /// Reads a member of `result`; nil for a pair of assets that cannot be written here.
  ///
  /// - Throws: `Fault` 65 for rules that are no numbers.
  init?(_ id: String, _ row: JSONValue, venue: String) throws {
    guard let base = row["base"]?.string, let quote = row["quote"]?.string,
      let symbol = Symbol(base: KrakenAsset.common(base), quote: KrakenAsset.common(quote)),
      let alternative = row["altname"]?.string, !alternative.isEmpty
    else { return nil }
    func fault(_ field: String) -> Fault {
      Fault(
        "read trading rules of", "\(venue) \(symbol)", cause: "\(field) is missing or no amount",
        remedy: "check that the address is that of a Kraken Spot interface", exit: .data)
    }
    func amount(_ field: String) throws -> Amount? {
      guard let value = row[field] else { return nil }
      guard let amount = value.string.flatMap({ Amount($0) }), !amount.isNegative else {
        throw fault(field)
      }
      return amount > .zero ? amount : nil
    }
    func places(_ field: String) throws -> Amount {
      guard let places = row[field]?.int, (0...Amount.scaleDigits).contains(places) else {
        throw fault(field)
      }
      var units = Amount.one.units
      for _ in 0..<places { units /= 10 }
      return Amount(units: units)
    }
    var filters = TradingFilters()
    filters.minimumQuantity = try amount("ordermin")
    status = row["status"]?.string ?? ""
    if status != "online" { filters.haltedStatus = status }
    // Older pairs tell no tick: then prices have so many decimals.
    instrument = Instrument(
      symbol: symbol, tick: try amount("tick_size") ?? places("pair_decimals"),
      lot: try places("lot_decimals"), minimumNotional: try amount("costmin") ?? .zero,
      filters: filters)
    self.id = id
    self.alternative = alternative
  }

  /// All pairs of an answer, in its order.
  static func all(_ result: JSONValue, venue: String) throws -> [KrakenListing] {
    guard let members = result.object else {
      throw Fault(
        "read trading rules", venue, cause: "the answer is no table of pairs",
        remedy: "check that the address is that of a Kraken Spot interface", exit: .unavailable)
    }
    return try members.compactMap { try KrakenListing($0.key, $0.value, venue: venue) }
  }
}
