import Domain

/// The rows of candles of an exchange's answer, read one at a time and put in order.
struct CandleRows {
  /// The longest row that is read, in bytes: twelve fields are some 200.
  static let maximumRowBytes = 4 << 10
  /// The largest answer: 1,000 rows of a generous length.
  static let maximumBodyBytes = 1 << 20

  /// What was asked for.
  struct Question {
    let series: String
    let timeframe: Timeframe
    let start: Instant
    let end: Instant
    let limit: Int
  }

  /// How an exchange writes a row.
  struct Dialect {
    /// What its answers of candles are called: `klines`.
    let name: String
    /// Whose interface it is, for people.
    let interface: String
    /// The most rows of an answer.
    let maximumRows: Int
    /// The milliseconds in a unit of its times.
    let timeUnit: Int64
    /// The candle of a row, and its opening time as it is written.
    let candle: @Sendable (JSONValue, Timeframe) throws(RowDefect) -> Candle
    /// The candle of a row of plain fields that has no defect, read to its end; nil for every other row,
    /// of which `candle` tells what is wrong, if anything is.
    var plainCandle: @Sendable (inout JSONFields, Timeframe) -> Candle? = { _, _ in nil }
  }

  private let asked: Question
  private let dialect: Dialect
  private var candles: [Candle] = []
  private var rejected: [(at: Int, row: RejectedRow)] = []
  private var times: [Int64] = []
  private var count = 0

  init(_ asked: Question, in dialect: Dialect) { (self.asked, self.dialect) = (asked, dialect) }

  /// Takes the next row if it is a sound one of plain fields: nearly all are.
  ///
  /// - Returns: whether it was taken; else nothing has changed.
  /// - Throws: as `take(_:)`.
  mutating func takePlain(_ row: inout JSONFields) throws -> Bool {
    guard let candle = dialect.plainCandle(&row, asked.timeframe) else { return false }
    try countRow()
    times.append(candle.time.milliseconds)
    candles.append(candle)
    return true
  }

  /// Takes the next row.
  ///
  /// - Throws: `Fault` when there are more rows than a page may have.
  mutating func take(_ row: JSONValue) throws {
    try countRow()
    let (written, isHuge) = (row.array?.first?.int64 ?? 0)
      .multipliedReportingOverflow(by: dialect.timeUnit)
    if row.array?.first?.int64 != nil, !isHuge { times.append(written) }
    do throws(RowDefect) {
      candles.append(try dialect.candle(row, asked.timeframe))
    } catch {
      reject(row, error.reason)
    }
  }

  private mutating func countRow() throws {
    count += 1
    guard count <= dialect.maximumRows else {
      throw Fault(
        "read candles", asked.series,
        cause: "the answer has more than the \(dialect.maximumRows) rows of a page",
        remedy: "check that the address is that of a \(dialect.interface) interface",
        exit: .unavailable)
    }
  }

  /// The candles that were asked for, and where to go on when there were as many rows as could be.
  ///
  /// - Throws: `Fault` 65 for rows that run from the newest to the oldest, and for times in another
  ///   unit.
  mutating func batch() throws -> CandleBatch {
    if let unit = TimeUnit.mistaken(in: times, of: asked.timeframe) {
      throw fault("its times are in \(unit.rawValue), not milliseconds")
    }
    let order = RowOrder(candles.map(\.time.milliseconds))
    if order.isDescending { throw fault("its rows run from the newest to the oldest") }
    var batch = CandleBatch(candles: [])
    batch.candles.reserveCapacity(candles.count)
    var next = asked.start
    for (index, candle) in candles.enumerated() {
      if let reason = defect(of: index, order, next: next) {
        reject(candle, at: index, reason)
      } else if candle.time <= asked.end {
        batch.candles.append(candle)
        next = candle.time + asked.timeframe.span
      }
    }
    // What a mended row of the same place needs: the first missing time before it.
    rejected.sort { $0.at < $1.at }
    batch.rejected = rejected.map { at, row in
      var row = row
      if row.askFrom != nil {
        let before = candles.indices.prefix(at).last {
          order.kept[$0] && candles[$0].time >= asked.start
        }
        row.askFrom =
          before.map { candles[$0].time + asked.timeframe.span } ?? asked.start
      }
      return row
    }
    // As many rows as there may be: there are more, behind the last of them.
    if count >= asked.limit, next > asked.start, next <= asked.end { batch.resumeFrom = next }
    return batch
  }

  private func defect(of index: Int, _ order: RowOrder, next: Instant) -> String? {
    let time = candles[index].time
    if time < asked.start {
      return "time \(time) is before \(asked.start), where the question begins"
    }
    if order.kept[index] { return nil }
    if index > 0, candles[index - 1].time == time {
      return "time \(time) is that of the row before again"
    }
    return time < next
      ? "time \(time) is before \(next)" : "time \(time) is after the rows that follow"
  }

  private mutating func reject(_ candle: Candle, at index: Int, _ reason: String) {
    let isOutside = candle.time < asked.start
    let numbers = [candle.open, candle.high, candle.low, candle.close, candle.volume]
    let text =
      "\(candle.time.milliseconds / dialect.timeUnit),"
      + numbers.map { "\($0)" }.joined(separator: ",")
    rejected.append(
      (
        index,
        RejectedRow(
          place: "\(dialect.name) \(asked.series) \(candle.time.milliseconds / dialect.timeUnit)",
          text: text.utf8,
          reason: reason, askFrom: isOutside ? nil : asked.start)
      ))
  }

  private mutating func reject(_ row: JSONValue, _ reason: String) {
    let fields = row.array ?? [row]
    // A row has no number of its own: its time is its place, or that of the candle before.
    let before = candles.last.map { $0.time + asked.timeframe.span } ?? asked.start
    let time =
      fields.first?.int64.map { "\($0)" }
      ?? "\(before.milliseconds / dialect.timeUnit)"
    let text = fields.map { $0.scalarText ?? "?" }.joined(separator: ",")
    rejected.append(
      (
        candles.count,
        RejectedRow(
          place: "\(dialect.name) \(asked.series) \(time)", text: text.utf8, reason: reason,
          askFrom: asked.start)
      ))
  }

  private func fault(_ cause: String) -> Fault {
    Fault(
      "read candles", asked.series, cause: "the answer is not as documented: \(cause)",
      remedy: "check that the address is that of a \(dialect.interface) interface", exit: .data)
  }
}

extension JSONValue {
  /// The text of a string or a number, as it came.
  var scalarText: String? {
    switch self {
    case .string(let text), .number(let text): text
    default: nil
    }
  }
}

extension JSONValue {
  /// A price or a volume of a row.
  func price(_ name: String) throws(RowDefect) -> Double {
    guard let text = scalarText, let value = DecimalText.double(text.utf8) else {
      throw RowDefect("\(name) is not a number")
    }
    return value
  }
}
