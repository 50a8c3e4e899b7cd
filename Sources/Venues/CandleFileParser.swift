import Domain

/// Turns the rows of a candle file into candles, one at a time.
struct CandleFileParser {
  let path: String
  let name: String
  let timeframe: Timeframe

  private var candles: [Candle] = []
  private var rejected: [(candle: Int, row: RejectedRow)] = []
  private var lastLine = 0
  /// The row of the last candle, in case that it turns out to be out of order.
  private var lastRow: [UInt8] = []
  private var sawHeader = false

  private static let columns = ["time_ms", "open", "high", "low", "close", "volume"]
  /// Milliseconds at the end of the year 9999: no candle is later, and sums stay far from overflow.
  private static let latestMilliseconds: Int64 = 253_402_300_799_999

  init(path: String, name: String, timeframe: Timeframe) {
    (self.path, self.name, self.timeframe) = (path, name, timeframe)
  }

  /// Takes the next row, without its line end.
  mutating func take(row bytes: ArraySlice<UInt8>, number: Int, truncated: Bool) throws {
    var row = bytes
    if row.last == UInt8(ascii: "\r") { row = row.dropLast() }
    if number == 1 {
      try check(header: row)
      sawHeader = true
      return
    }
    if row.isEmpty { return }
    do throws(RowDefect) {
      if truncated { throw RowDefect("longer than \(CandleFile.maximumRowBytes) bytes") }
      let candle = try candle(in: row)
      dropLast(ifAheadOf: candle, at: number)
      candles.append(candle)
      lastLine = number
      lastRow.removeAll(keepingCapacity: true)
      lastRow += row
    } catch {
      guard rejected.count < CandleFile.maximumRejectedRows else {
        throw Fault(
          "read candles", path,
          cause: "more than \(CandleFile.maximumRejectedRows) rows are not candles; "
            + "the first is \(rejected[0].row.place): \(rejected[0].row.reason)",
          remedy: "check that the file holds \(timeframe) candles in milliseconds UTC", exit: .data)
      }
      let place = "\(name):\(number)"
      rejected.append(
        (candles.count, RejectedRow(place: place, text: row, reason: error.reason)))
    }
  }

  /// What the rows were.
  mutating func finish() throws -> ([Candle], [(candle: Int, row: RejectedRow)]) {
    if !sawHeader { try check(header: []) }
    if candles.isEmpty, let first = rejected.first {
      throw Fault(
        "read candles", path,
        cause: "none of its \(rejected.count) rows is a \(timeframe) candle; "
          + "the first is \(first.row.place): \(first.row.reason)",
        remedy: "check that the file holds \(timeframe) candles in milliseconds UTC", exit: .data)
    }
    // Nothing follows the last bad rows: they are reported with the last candle.
    for index in rejected.indices where rejected[index].candle == candles.count {
      rejected[index].candle = candles.count - 1
    }
    return (candles, rejected)
  }

  private func check(header row: ArraySlice<UInt8>) throws {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = row.starts(with: byteOrderMark) ? row.dropFirst(3) : row
    if text.elementsEqual(CandleFileName.header.utf8) { return }
    let found = String(decoding: text.prefix(80), as: UTF8.self)
    let fields = found.split(separator: ",", omittingEmptySubsequences: false)
    var column = 1
    for (expected, field) in zip(Self.columns, fields) {
      if field != expected { break }
      column += field.count + 1
    }
    throw Fault(
      "read candles", name,
      cause: found.isEmpty
        ? "the file is empty" : "the header is \"\(found)\", not \"\(CandleFileName.header)\"",
      remedy: "make the first line \(CandleFileName.header)", exit: .data,
      location: SourceLocation(file: path, line: 1, column: min(column, found.count + 1)))
  }

  private func candle(in row: ArraySlice<UInt8>) throws(RowDefect) -> Candle {
    let fields = row.split(
      separator: UInt8(ascii: ","), maxSplits: 7, omittingEmptySubsequences: false)
    guard fields.count == Self.columns.count else {
      let count = fields.count > 7 ? "more than 7" : "\(fields.count)"
      throw RowDefect("\(count) fields instead of \(Self.columns.count)")
    }
    guard let time = DecimalText.integer(fields[0]),
      time.magnitude <= Self.latestMilliseconds.magnitude
    else { throw RowDefect("time_ms is not a time in milliseconds") }
    func number(_ index: Int) throws(RowDefect) -> Double {
      guard let value = DecimalText.double(fields[index]) else {
        throw RowDefect("\(Self.columns[index]) is not a number")
      }
      return value
    }
    let candle = Candle(
      time: Instant(milliseconds: time), open: try number(1), high: try number(2),
      low: try number(3), close: try number(4), volume: try number(5))
    if let defect = candle.defect(in: timeframe) { throw RowDefect(defect) }
    guard let last = candles.last, candle.time <= last.time else { return candle }
    if candle.time == last.time {
      throw RowDefect("time \(candle.time) is that of line \(lastLine) again")
    }
    guard let before = candles.dropLast().last, candle.time > before.time else {
      throw RowDefect("time \(candle.time) is before that of line \(lastLine)")
    }
    return candle
  }

  /// Sets the last candle apart when the next one fits behind the one before it: then the last is
  /// what is out of order. Otherwise a single time in the far future would reject all that follows.
  private mutating func dropLast(ifAheadOf next: Candle, at number: Int) {
    guard let last = candles.last, last.time > next.time else { return }
    candles.removeLast()
    let row = RejectedRow(
      place: "\(name):\(lastLine)", text: lastRow,
      reason: "time \(last.time) is after that of line \(number), which follows it")
    // The bad rows behind it now stand before the next candle, which takes its index.
    let behind = rejected.firstIndex { $0.candle > candles.count } ?? rejected.count
    for index in rejected.indices[behind...] { rejected[index].candle = candles.count }
    rejected.insert((candles.count, row), at: behind)
  }
}

/// Why a row is not a candle.
struct RowDefect: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
