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
      json: try readBytes(Self.folder + "params.json"), file: "params.json")
    let candles = try candles(csv: try readBytes(Self.folder + "series.csv"))
    let golden = try Golden(csv: try readBytes(Self.folder + "golden.csv"))
    #expect(file.header == ["time_ms"] + golden.names)
    let columns = FeatureBatch.compute(file.specification, timeframe: .hour, columns: candles)
    let cells = golden.compare(
      names: file.specification.names, columns: columns, tolerance: 1e-9, candles: candles)
    // Of 26,000 cells: differences of nearly equal numbers, see `LongReference`.
    #expect(cells.count < 50)
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
