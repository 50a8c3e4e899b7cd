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

  /// Expects equal warm-up and values within a relative tolerance, one issue per column.
  func compare(names: [String], columns ours: [[Double]], tolerance: Double) {
    for (index, name) in names.enumerated() {
      guard let place = self.names.firstIndex(of: name) else {
        Issue.record("there is no golden column \(name)")
        continue
      }
      let (worst, row) = Self.worst(ours[index], columns[place])
      #expect(
        worst <= tolerance,
        "\(name): relative difference \(worst) at row \(row): \(ours[index][row]) against \(columns[place][row])"
      )
    }
  }

  /// The largest relative difference and its row; infinite where only one is missing.
  static func worst(_ ours: [Double], _ theirs: [Double]) -> (Double, Int) {
    guard ours.count == theirs.count else { return (.infinity, 0) }
    var worst = (0.0, 0)
    for (row, (a, b)) in zip(ours, theirs).enumerated() {
      var difference = 0.0
      if a.isNaN != b.isNaN {
        difference = .infinity
      } else if !a.isNaN, a != b {
        difference = abs(a - b) / max(abs(a), abs(b))
      }
      if difference > worst.0 { worst = (difference, row) }
    }
    return worst
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
