import Domain
import Indicators
import Testing

/// Every function against TA-Lib, or against its published definition in plain Python.
@Suite struct GoldenTests {
  static let folder =
    "\(#filePath)".split(separator: "/").dropLast(2)
    .reduce("") { "\($0)/\($1)" } + "/Goldens/indicators/"

  @Test func agree() throws {
    let file = try SpecificationFile(
      json: try readBytes(Self.folder + "params.json"), file: "params.json", gapRule: .bridge)
    let candles = try candles(csv: try readBytes(Self.folder + "series.csv"))
    let golden = try Golden(csv: try readBytes(Self.folder + "golden.csv"))
    #expect(file.header == ["time_ms"] + golden.names)
    let columns = FeatureBatch.compute(file.specification, timeframe: .hour, columns: candles)
    let cells = golden.compare(
      names: file.specification.names, columns: columns, tolerance: 1e-9, candles: candles)
    // Of 26,000 cells: differences of nearly equal numbers, see `LongReference`.
    #expect(cells.count < 50)
  }

  /// Prices in whole cents, where doubles round: MFI as TA-Lib 0.8.1 and exact fractions have it, the
  /// z-score in a small variance, correlations of 1. `in_cents` of scripts/golden_indicators.py.
  @Test func areExactWherePricesAreInCents() throws {
    let golden = try Golden(csv: try readBytes(Self.folder + "cents.csv"))
    func column(_ name: String) throws -> [Double] {
      golden.columns[try #require(golden.names.firstIndex(of: name))]
    }
    var candles = CandleColumns()
    let prices = try ["open", "high", "low", "close", "volume"].map(column)
    for row in prices[0].indices {
      candles.append(
        Candle(
          time: Instant(milliseconds: Int64(row) * 3_600_000), open: prices[0][row],
          high: prices[1][row], low: prices[2][row], close: prices[3][row], volume: prices[4][row]))
    }
    let specification = try FeatureSpecification([
      ("mfi", "mfi(14)"), ("zscore", "zscore(5)"), ("correl", "correl(5, price0=high, price1=low)"),
    ])
    let ours = FeatureBatch.compute(specification, timeframe: .hour, columns: candles)
    for (name, index, tolerance) in [
      ("mfi_14_exact", 0, 1e-9), ("mfi_14_talib", 0, 1e-9), ("zscore_5_exact", 1, 1e-10),
      ("correl_5_exact", 2, 1e-9),
    ] {
      for (row, (mine, theirs)) in zip(ours[index], try column(name)).enumerated() {
        let isNear =
          mine.isNaN || theirs.isNaN
          ? mine.isNaN && theirs.isNaN
          : (mine - theirs).magnitude <= tolerance * max(1, theirs.magnitude)
        #expect(isNear, "\(name), row \(row): \(mine) against \(theirs)")
      }
    }
    #expect(ours[2].allSatisfy { $0.isNaN || $0.magnitude <= 1 })
    #expect(ours[2].contains { $0 > 0.999_999 })
  }

  @Test func coverEveryFunction() throws {
    let document = try JSONValue.parse(try readBytes(Self.folder + "params.json"))
    let entries = try #require(document["indicators"]?.object)
    let functions = Set(entries.compactMap { $0.value["function"]?.string?.lowercased() })
    for indicator in IndicatorCatalog.all where indicator.name != "keltner" {
      #expect(functions.contains(indicator.name), "no golden column of \(indicator.name)")
    }
    #expect(functions.contains("kc"))
  }
}
