import Domain
import Glibc
import Testing
import Venues

/// A directory of candle files for one test, removed with its owner.
final class ExchangeFolder {
  let path: String
  private var names: [String] = []

  init(_ files: [String: String]) throws {
    var template = Array("/tmp/carillon-exchange-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
    for (name, text) in files {
      let file = try #require(fopen("\(path)/\(name)", "w"))
      #expect(fputs(text, file) >= 0)
      #expect(fclose(file) == 0)
      names.append(name)
    }
  }

  /// Two pairs of five minutes and a share by days, from a seeded market, with numbers of up to
  /// seventeen digits, a gap and a bad row.
  static func sample() async throws -> ExchangeFolder {
    let begin = Instant(rfc3339: "2018-01-10T00:00:00Z")!
    var files: [String: String] = [:]
    for (name, text, frame, count) in [
      ("ETH_BTC_5m.csv", "ETH-BTC", "5m", 2500), ("LTC_BTC_5m.csv", "LTC-BTC", "5m", 1000),
      ("GOOG_1d.csv", "GOOG-USD", "1d", 100),
    ] {
      let symbol = try #require(Symbol(text))
      let timeframe = try #require(Timeframe(frame))
      let market = SimulatedMarket(seed: 3, symbols: [symbol], begins: begin)
      let batch = try await market.candles(
        symbol, timeframe, from: begin, closedBy: begin + timeframe.span * Int64(count),
        limit: count)
      var rows = [CandleFileName.header]
      for (index, candle) in batch.candles.enumerated() where index % 700 != 699 {
        // A third of it needs all the digits of a double.
        let numbers = [candle.open, candle.high, candle.low, candle.close, candle.volume]
          .map { "\($0 / 3)" }
        rows.append("\(candle.time.milliseconds),\(numbers.joined(separator: ","))")
      }
      rows.insert("not,a,candle", at: 50)
      files[name] = rows.joined(separator: "\n") + "\n"
    }
    return try ExchangeFolder(files)
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
