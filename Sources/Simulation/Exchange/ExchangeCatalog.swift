import Domain
public import Net
public import Venues

/// Asks an exchange in the box what it has, which Binance's own endpoints do not tell: a demo
/// needs the timeframes and how far they reach.
public enum ExchangeCatalog {
  /// The series of the exchange at an address, under the name that the client gives it.
  ///
  /// - Throws: `Fault` when it cannot be reached or is not an exchange in the box.
  public static func series(
    at baseURL: String, over transport: any HTTPTransport, venue: String = "binance"
  ) async throws -> [AvailableSeries] {
    let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    let request = HTTPRequest(base + ExchangeEndpoints.seriesPath)
    let response = try await transport.send(request)
    var rows: [AvailableSeries?]?
    if response.status == 200 {
      do {
        rows = try JSONValue.parse(response.body).array?.map { read($0, venue: venue) }
      } catch {
        rows = nil
      }
    }
    guard let rows, !rows.contains(nil) else {
      throw Fault(
        "list the series of", base, cause: "HTTP \(response.status), without a list of series",
        remedy: "start one with: carillon exchange --candles DIR", exit: .unavailable)
    }
    return rows.compactMap { $0 }.sorted { $0.series < $1.series }
  }

  private static func read(_ row: JSONValue, venue: String) -> AvailableSeries? {
    guard let base = row["base"]?.string, let quote = row["quote"]?.string,
      let symbol = Symbol(base: base, quote: quote),
      let timeframe = row["timeframe"]?.string.flatMap({ Timeframe($0) }),
      let first = row["firstOpen"]?.int64, let last = row["lastOpen"]?.int64,
      let candles = row["candles"]?.int64, let rejected = row["rejected"]?.int64
    else { return nil }
    return AvailableSeries(
      series: Series(venue: venue, symbol: symbol, timeframe: timeframe),
      firstOpen: Instant(milliseconds: first), lastOpen: Instant(milliseconds: last),
      candles: Int(candles), rejected: Int(rejected))
  }
}
