import Calendars
import Domain
import Store
import Venues

/// The reading of one series at one slot: it says what to ask next, and keeps of each answer what is to
/// be written. No clock, no network, no database.
struct SeriesReading: Sendable {
  /// What the source is asked.
  struct Question: Hashable, Sendable {
    var from: Instant
    var closedBy: Instant
    var limit: Int
    var purpose: Purpose
  }

  /// Why it is asked.
  enum Purpose: Hashable, Sendable {
    /// For what there is up to the slot.
    case forward
    /// For the first candle before all that is on record.
    case probe
    /// For a part of the history, which ends where the part after it began.
    case back(start: Instant)
  }

  /// What is on record of the time of an answer.
  struct Known: Sendable {
    var candles: [Instant: Candle] = [:]
    /// Bad rows that were told of before, by place and text.
    var isKnownBad: @Sendable (RejectedRow) -> Bool = { _ in false }
  }

  /// The candles of one question to the source.
  static let batchCandles = 1000
  /// So many bad rows of a series are kept at most in one run; all are counted.
  static let keptRows = 100
  /// Of one gap so many missing candles are counted at most.
  private static let countedMissing = 1_000_000

  let series: Series
  /// The series as the database knows it; nil until its first candle is written.
  var record: SeriesRecord?
  /// What is asked next; nil: the reading is over.
  private(set) var question: Question?
  /// Why it could not be read to its end.
  private(set) var fault: Fault?
  /// What was found, for people.
  private(set) var tally = FetchTally()
  /// The candles that wait to be written.
  var pending: [Candle] = []
  /// The newest candle that was believed.
  private(set) var newest: Instant?

  let span: FetchSpan
  let slot: Instant
  private let clock: CandleClock
  private let moves: MoveGuard
  private let accepted: Set<Instant>
  let splits: [CandleSplit]
  private(set) var previousClose: Double?
  var rejected: [RejectedRow] = []
  /// The marks that were written last; nil: none were.
  var written: Marks?
  private(set) var owed: Instant?
  private var firstOfHistory: Instant?
  private(set) var reached: Instant?
  private(set) var isForwardDone = false
  private var step: TimeSpan { series.timeframe.span }

  /// - Parameters:
  ///   - last: the newest candle on record.
  ///   - accepted: the candles that a person accepted.
  ///   - splits: the splits of the instrument that were booked.
  init(
    _ series: Series, _ record: SeriesRecord?, span: FetchSpan, clock: CandleClock, slot: Instant,
    moves: MoveGuard, last: Candle?, accepted: Set<Instant> = [],
    splits: [CandleSplit] = []
  ) {
    (self.series, self.record, self.span, self.slot) = (series, record, span, slot)
    (self.clock, self.moves, self.accepted, self.splits) = (clock, moves, accepted, splits)
    newest = record?.watermark
    // Where candles are read again, each follows the one before it in the answer.
    previousClose = record?.watermark.map { span.forward > $0 } == true ? last?.close : nil
    question = Question(
      from: span.forward, closedBy: clock.horizon(at: slot), limit: Self.batchCandles,
      purpose: .forward)
  }

  /// The source failed.
  mutating func fail(_ fault: Fault) {
    self.fault = fault
    question = nil
  }

  /// Leaves the rest of the history for another run.
  mutating func leaveHistory() {
    if isForwardDone { question = nil }
  }

  /// Takes an answer, and decides what is asked next.
  mutating func take(_ told: CandleBatch, known: Known) {
    var batch = told
    batch.candles = adjusted(told.candles, known)
    guard let asked = question else { preconditionFailure("an answer follows a question") }
    question = nil
    if asked.purpose == .probe { return begin(historyAt: batch.candles.first?.time, batch) }
    note(batch.rejected, known)
    guard batch.rejected.count <= batch.candles.count else { return refuse(batch, asked) }
    switch asked.purpose {
    case .forward: takeForward(batch, asked, known)
    case .back(let start): takeBack(batch, start, known)
    case .probe: break
    }
  }

  private mutating func takeForward(_ batch: CandleBatch, _ asked: Question, _ known: Known) {
    if batch.candles.isEmpty, asked.from == span.forward, !known.candles.isEmpty {
      return fail(
        Fault(
          "read candles of", "\(series)",
          cause: "the source has nothing where it had \(known.candles.count) candles before",
          remedy: "look at the source; the candles on record stay", exit: .data))
    }
    var again: Instant?
    for (index, candle) in batch.candles.enumerated() {
      let following = index + 1 < batch.candles.count ? batch.candles[index + 1].close : nil
      if let mark = record?.watermark, candle.time <= mark {
        takeKnown(candle, at: index, of: batch.candles, known)
        continue
      }
      switch judge(candle, following: following) {
      case .believed: takeNew(candle)
      case .refused: setApart(candle, ", and the next candle is back", known)
      case .held where batch.resumeFrom != nil:
        // The last row of a page: it is asked for again together with the one that follows it.
        if candle.time > asked.from { again = candle.time } else { setApart(candle, "", known) }
      case .held: hold(candle)
      }
    }
    if let next = again ?? batch.resumeFrom, next > asked.from {
      question = Question(
        from: next, closedBy: clock.horizon(at: slot), limit: Self.batchCandles, purpose: .forward)
    } else {
      endForward()
    }
  }

  private mutating func endForward() {
    isForwardDone = true
    if record?.watermark == nil || record?.reached.map({ span.forward < $0 }) != false {
      reached = span.forward
    }
    guard let back = span.back else { return }
    question = Question(from: back.lowerBound, closedBy: back.upperBound, limit: 1, purpose: .probe)
  }

  // History that was asked for later: in parts, the newest first, so that each part that is written
  // moves the beginning of what is on record.

  private mutating func begin(historyAt first: Instant?, _ batch: CandleBatch) {
    guard let back = span.back else { return }
    firstOfHistory = first ?? (batch.rejected.isEmpty ? nil : back.lowerBound)
    guard firstOfHistory != nil else { return reached = back.lowerBound }
    question = part(endingAt: back.upperBound)
  }

  private func part(endingAt end: Instant) -> Question? {
    guard let back = span.back, let first = firstOfHistory else { return nil }
    let start = max(first, back.lowerBound, end - step * Int64(Self.batchCandles))
    guard start < end else { return nil }
    return Question(
      from: start, closedBy: end, limit: Self.batchCandles, purpose: .back(start: start))
  }

  private mutating func takeBack(_ batch: CandleBatch, _ start: Instant, _ known: Known) {
    for (index, candle) in batch.candles.enumerated() {
      takeKnown(candle, at: index, of: batch.candles, known)
    }
    if let next = batch.resumeFrom, let end = reached ?? span.back?.upperBound {
      question = Question(
        from: next, closedBy: end, limit: Self.batchCandles, purpose: .back(start: start))
      return
    }
    question = part(endingAt: start)
    reached = question == nil ? span.back?.lowerBound : start
  }

  // Single candles.

  private func judge(_ candle: Candle, following: Double?) -> MoveGuard.Answer {
    accepted.contains(candle.time)
      ? .believed : moves.judge(candle.close, previous: previousClose, following: following)
  }

  private mutating func takeNew(_ candle: Candle) {
    if let newest, candle.time - newest > step {
      let missing = clock.missing(
        after: newest, before: candle.time, limit: Self.countedMissing)
      if !missing.isEmpty {
        tally.gaps += 1
        tally.missing += missing.count
      }
    }
    newest = candle.time
    previousClose = candle.close
    tally.fetched += 1
    pending.append(candle)
  }

  /// A candle at or before the watermark: written only where it says something else, and something
  /// that its neighbours in the same answer bear out.
  private mutating func takeKnown(
    _ candle: Candle, at index: Int, of batch: [Candle], _ known: Known
  ) {
    let before = known.candles[candle.time]
    previousClose = before?.close ?? candle.close
    if before == candle { return }
    let beside = [index - 1, index + 1].filter(batch.indices.contains).map { batch[$0].close }
    let isBorneOut =
      accepted.contains(candle.time) || beside.contains { moves.isNear($0, candle.close) }
      || before.map { moves.isNear($0.close, candle.close) } ?? beside.isEmpty
    guard isBorneOut else {
      previousClose = before?.close ?? beside.first
      return setApart(candle, ", and the candles beside it do not", known)
    }
    previousClose = candle.close
    if let before {
      tally.note(Correction(series: series, before: before, after: candle))
    } else if let reached = record?.reached, candle.time >= reached {
      tally.late += 1
    } else {
      tally.fetched += 1
    }
    pending.append(candle)
  }

  private mutating func hold(_ candle: Candle) {
    tally.held += 1
    keep(
      row(
        candle,
        "its close moved \(factor(candle)); held until the next candle confirms it, or: carillon "
          + "candles accept \(series.symbol) \(candle.time)"), isNews: false)
  }

  private mutating func setApart(_ candle: Candle, _ why: String, _ known: Known) {
    let row = row(
      candle,
      "its close moved \(factor(candle))\(why); if it is right: carillon candles accept "
        + "\(series.symbol) \(candle.time)")
    note([row], known)
  }

  private func factor(_ candle: Candle) -> String {
    guard let previous = previousClose else { return "too far" }
    let tenths = (min(max(candle.close / previous, previous / candle.close), 1e9) * 10).rounded()
    return "by a factor of \(tenths / 10) from \(previous)"
  }

  private func row(_ candle: Candle, _ reason: String) -> RejectedRow {
    let numbers = [candle.open, candle.high, candle.low, candle.close, candle.volume]
    let text = "\(candle.time.milliseconds)," + numbers.map { "\($0)" }.joined(separator: ",")
    return RejectedRow(
      place: "\(series.symbol) \(series.timeframe) \(candle.time)", text: text.utf8,
      reason: reason, askFrom: candle.time)
  }

  // Bad rows.

  private mutating func note(_ rows: [RejectedRow], _ known: Known) {
    for row in rows {
      if let from = row.askFrom { owed = min(owed ?? from, from) }
      // A bad row among candles that are read again was told of when it was new.
      if !known.isKnownBad(row) { keep(row, isNews: true) }
    }
  }

  private mutating func keep(_ row: RejectedRow, isNews: Bool) {
    if isNews { tally.rejected += 1 }
    if rejected.count < Self.keptRows { rejected.append(row) }
  }

  private mutating func refuse(_ batch: CandleBatch, _ asked: Question) {
    let first = batch.rejected[0]
    let fault = Fault(
      "read candles of", "\(series)",
      cause: "\(batch.rejected.count) of \(batch.rejected.count + batch.candles.count) rows are no "
        + "candles; the first is \(first.place): \(first.reason)",
      remedy: "look at the source; carillon quarantine list shows the rows", exit: .data)
    // The history can wait until its source is in order; what is new cannot.
    if asked.purpose == .forward { fail(fault) } else { tally.remark = "\(fault)" }
  }
}
