import Domain
import Glibc
import Indicators
import Testing

/// Every column of the golden files in the shared folder, on both of its series.
@Suite(
  .enabled(
    if: SharedFolder.path != nil,
    "left out: CARILLON_SHARED is not set, so 124 columns of two series are not compared"))
struct SharedGoldenTests {
  @Test(arguments: [("GOOG_1d", "1d"), ("FT_ETC_BTC_5m", "5m")])
  func agree(series: String, timeframe: String) throws {
    let folder = try #require(SharedFolder.path) + "/golden/indicators/"
    let file = try SpecificationFile(
      json: try readBytes(folder + "params.json"), file: "params.json", gapRule: .bridge)
    let candles = try candles(csv: try readBytes(folder + series + ".candles.csv"))
    let golden = try Golden(csv: try readBytes(folder + series + ".golden.csv"))
    #expect(file.header == ["time_ms"] + golden.names)
    let columns = FeatureBatch.compute(
      file.specification, timeframe: try #require(Timeframe(timeframe)), columns: candles)
    let cells = golden.compare(
      names: file.specification.names, columns: columns, tolerance: 1e-9, candles: candles)
    // Of 124 columns; each cell was shown to be nearer to the truth than the golden one.
    #expect(cells.count < 250)
    if getenv("CARILLON_SHOW_CELLS") != nil {
      for cell in cells { print("cell", series, cell) }
    }
  }
}

enum SharedFolder {
  static var path: String? { getenv("CARILLON_SHARED").map { String(cString: $0) } }
}
