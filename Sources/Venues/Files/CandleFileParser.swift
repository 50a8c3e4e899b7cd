import Domain

/// Turns the rows of a candle file into candles, one at a time.
struct CandleFileParser {
  let path: String
  let name: String
  let timeframe: Timeframe

  private var candles: [Candle] = []
  /// The line of each candle.
  private var lines: [Int32] = []
  private var rejected: [(line: Int, row: RejectedRow)] = []
  /// The first times as they are written, to tell their unit by.
  private var times: [Int64] = []
  private var isInOrder = true
  private var sawHeader = false

  /// So many times are looked at to tell their unit.
  private static let sampledTimes = 1000
  private static let columns = ["time_ms", "open", "high", "low", "close", "volume"]

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
      if let last = candles.last, candle.time <= last.time { isInOrder = false }
      candles.append(candle)
      lines.append(Int32(clamping: number))
    } catch {
      try reject(row, at: number, error.reason)
    }
  }

  private mutating func reject(_ row: some Sequence<UInt8>, at line: Int, _ reason: String) throws {
    guard rejected.count < CandleFile.maximumRejectedRows else {
      try refuseUnit()
      throw Fault(
        "read candles", path,
        cause: "more than \(CandleFile.maximumRejectedRows) rows are not candles; "
          + "the first is \(rejected[0].row.place): \(rejected[0].row.reason)",
        remedy: "check that the file holds \(timeframe) candles in milliseconds UTC", exit: .data)
    }
    rejected.append((line, RejectedRow(place: "\(name):\(line)", text: row, reason: reason)))
  }

  /// The lines of candles that are out of the order of time, each with what is wrong with it; found
  /// when all rows are there.
  ///
  /// - Throws: `Fault` 65 for a file that runs from the newest to the oldest, and for one whose times
  ///   are in another unit.
  mutating func sortOut() throws -> [Int: String] {
    try refuseUnit()
    if isInOrder { return [:] }
    let order = RowOrder(candles.map(\.time.milliseconds))
    guard !order.isDescending else {
      throw Fault(
        "read candles", path, cause: "its rows run from the newest to the oldest",
        remedy: "sort it by time_ms: (head -n 1 F; tail -n +2 F | sort -n) > G, then mv G F",
        exit: .data)
    }
    var reasons: [Int: String] = [:]
    var last = -1
    for (index, isKept) in order.kept.enumerated() {
      if isKept {
        last = index
        continue
      }
      let time = candles[index].time
      let next = order.kept[index...].firstIndex(of: true)
      let twin = [last, next ?? -1].first { $0 >= 0 && candles[$0].time == time }
      reasons[Int(lines[index])] =
        if let twin {
          "time \(time) is that of line \(lines[twin]) again"
        } else if last >= 0, time < candles[last].time {
          "time \(time) is before that of line \(lines[last])"
        } else if let next {
          "time \(time) is after that of line \(lines[next]), which follows it"
        } else {
          "time \(time) is out of order"
        }
    }
    var kept: ([Candle], [Int32]) = ([], [])
    for index in candles.indices where order.kept[index] {
      kept.0.append(candles[index])
      kept.1.append(lines[index])
    }
    (candles, lines) = kept
    return reasons
  }

  /// Sets a row apart that `sortOut` named.
  mutating func setApart(_ bytes: ArraySlice<UInt8>, at line: Int, _ reason: String) throws {
    try reject(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, at: line, reason)
  }

  private func refuseUnit() throws {
    guard let unit = TimeUnit.mistaken(in: times, of: timeframe) else { return }
    throw Fault(
      "read candles", path, cause: "its times are in \(unit.rawValue), not milliseconds",
      remedy: "make the first column milliseconds UTC: \(unit.remedy)", exit: .data)
  }

  /// What the rows were.
  mutating func finish() throws -> ([Candle], [(candle: Int, row: RejectedRow)]) {
    if !sawHeader { try check(header: []) }
    rejected.sort { $0.line < $1.line }
    if candles.isEmpty, let first = rejected.first {
      throw Fault(
        "read candles", path,
        cause: "none of its \(rejected.count) rows is a \(timeframe) candle; "
          + "the first is \(first.row.place): \(first.row.reason)",
        remedy: "check that the file holds \(timeframe) candles in milliseconds UTC", exit: .data)
    }
    var next = 0
    let bad = rejected.map { line, row in
      while next < lines.count, lines[next] < line { next += 1 }
      var row = row
      // Where the row would stand once it is mended: behind the candle before it.
      row.askFrom =
        next > 0 ? candles[next - 1].time + timeframe.span : min(candles[0].time, Self.time(row))
      // Nothing follows the last bad rows: they are reported with the last candle.
      return (min(next, candles.count - 1), row)
    }
    return (candles, bad)
  }

  /// The time of a row before all candles, where it can be read.
  private static func time(_ row: RejectedRow) -> Instant {
    DecimalText.integer(row.text.utf8.prefix { $0 != UInt8(ascii: ",") })
      .flatMap { Instant(told: $0) } ?? .latest
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

  private mutating func candle(in row: ArraySlice<UInt8>) throws(RowDefect) -> Candle {
    let fields = row.split(
      separator: UInt8(ascii: ","), maxSplits: 7, omittingEmptySubsequences: false)
    guard fields.count == Self.columns.count else {
      let count = fields.count > 7 ? "more than 7" : "\(fields.count)"
      throw RowDefect("\(count) fields instead of \(Self.columns.count)")
    }
    let written = DecimalText.integer(fields[0])
    if let written, times.count < Self.sampledTimes { times.append(written) }
    guard let time = written.flatMap({ Instant(told: $0) }) else {
      throw RowDefect("time_ms is not a time in milliseconds")
    }
    func number(_ index: Int) throws(RowDefect) -> Double {
      guard let value = DecimalText.double(fields[index]) else {
        throw RowDefect("\(Self.columns[index]) is not a number")
      }
      return value
    }
    let candle = Candle(
      time: time, open: try number(1), high: try number(2),
      low: try number(3), close: try number(4), volume: try number(5))
    if let defect = candle.defect(in: timeframe) { throw RowDefect(defect) }
    return candle
  }
}

/// Why a row is not a candle.
struct RowDefect: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
