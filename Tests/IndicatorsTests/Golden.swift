import Domain
import Glibc
import Indicators
import Testing

/// The expected columns of a golden file; NaN where a cell is empty.
struct Golden {
  var names: [String]
  var columns: [[Double]]

  init(csv bytes: [UInt8]) throws {
    let lines = bytes.split(separator: 10)
    let header = try #require(lines.first).split(separator: 44)
    names = header.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    columns = names.map { _ in [] }
    for line in lines.dropFirst() {
      let cells = line.split(separator: 44, omittingEmptySubsequences: false)
      try #require(cells.count == names.count + 1)
      for (index, cell) in cells.dropFirst().enumerated() {
        let value = cell.isEmpty ? Double.nan : Double(String(decoding: cell, as: UTF8.self))
        columns[index].append(try #require(value))
      }
    }
  }

  /// Expects equal warm-up, and values within a relative tolerance or else nearer to the reference
  /// in extended precision than the golden value is. Returns the cells that needed the reference.
  func compare(
    names: [String], columns ours: [[Double]], tolerance: Double, candles: CandleColumns
  ) -> [String] {
    let reference = LongReference(candles: candles)
    var cells: [String] = []
    for (index, name) in names.enumerated() {
      guard let place = self.names.firstIndex(of: name), columns[place].count == ours[index].count
      else {
        Issue.record("there is no golden column \(name) of this length")
        continue
      }
      for (row, (mine, golden)) in zip(ours[index], columns[place]).enumerated()
      where Self.difference(mine, golden) > tolerance {
        let exact = mine.isNaN || golden.isNaN ? nil : reference.value(name, row)
        let isNearer = exact.map { abs(Float80(mine) - $0) < abs(Float80(golden) - $0) } ?? false
        #expect(isNearer, "\(name), row \(row): \(mine) against \(golden)")
        cells.append("\(name),\(row),\(mine),\(golden),\(exact.map { "\($0)" } ?? "")")
      }
    }
    return cells
  }

  /// The relative difference; infinite where only one is missing.
  static func difference(_ a: Double, _ b: Double) -> Double {
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? 0 : .infinity }
    return a == b ? 0 : abs(a - b) / max(abs(a), abs(b))
  }
}

/// The candles of `time_ms,open,high,low,close,volume`.
func candles(csv bytes: [UInt8]) throws -> CandleColumns {
  var columns = CandleColumns()
  for line in bytes.split(separator: 10).dropFirst() {
    let cells = line.split(separator: 44).map { String(decoding: $0, as: UTF8.self) }
    try #require(cells.count == 6)
    let numbers = try cells.dropFirst().map { try #require(Double($0)) }
    columns.append(
      Candle(
        time: Instant(milliseconds: try #require(Int64(cells[0]))), open: numbers[0],
        high: numbers[1], low: numbers[2], close: numbers[3], volume: numbers[4]))
  }
  return columns
}

/// The bytes of a file that a test needs.
func readBytes(_ path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "rb"), "cannot open \(path)")
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer[0..<count]
  }
}
