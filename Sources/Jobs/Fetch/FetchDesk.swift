import Domain
import Store
import Venues

/// The readings of all series of a run: who is asked next, and what is written when, so that neither
/// memory nor a transaction grows with the number of series.
struct FetchDesk: Sendable {
  private(set) var readings: [SeriesReading]
  var heldTime = TimeSpan.seconds(5)

  private let context: JobContext
  private let heldCandles: Int
  /// Whose question waits, in order.
  private var queue: [Int]
  private var head = 0
  private var held = 0
  private let begun: TimeSpan
  private var written: TimeSpan

  init(_ readings: [SeriesReading], _ context: JobContext, _ heldCandles: Int) {
    (self.readings, self.context, self.heldCandles) = (readings, context, heldCandles)
    queue = readings.indices.filter { readings[$0].question != nil }
    begun = context.time.uptime
    written = begun
  }

  /// The next question, and whose it is.
  mutating func next() -> (Int, SeriesReading.Question)? {
    while head < queue.count {
      let index = queue[head]
      head += 1
      // The history of earlier times may take half of the time that there is: what is new must not
      // be late for it.
      if context.time.uptime - begun
        > TimeSpan(milliseconds: context.firing.policy.timeout.milliseconds / 2)
      {
        readings[index].leaveHistory()
      }
      if let question = readings[index].question { return (index, question) }
    }
    return nil
  }

  /// Takes an answer, and writes when enough waits.
  mutating func take(_ answer: Result<CandleBatch, Fault>, of index: Int) throws {
    switch answer {
    case .failure(let fault):
      readings[index].fail(fault)
    case .success(let batch):
      let before = readings[index].pending.count
      readings[index].take(batch, known: try known(batch, readings[index]))
      held += readings[index].pending.count - before
    }
    if readings[index].question != nil {
      if head > 1000 {
        queue.removeFirst(head)
        head = 0
      }
      queue.append(index)
    }
    if held >= heldCandles || (held > 0 && context.time.uptime - written >= heldTime) {
      try write()
    }
  }

  /// What is on record of the time of an answer, and which of its bad rows were told of before.
  private func known(_ batch: CandleBatch, _ reading: SeriesReading) throws -> SeriesReading.Known {
    guard let record = reading.record, let asked = reading.question else { return .init() }
    let last = batch.candles.last?.time ?? asked.closedBy
    let isNew = record.watermark.map { $0 < asked.from } ?? true
    if isNew, batch.rejected.isEmpty { return .init() }
    return try context.store.read { transaction in
      let candles =
        isNew
        ? []
        : try transaction.candles.range(
          record, after: asked.from - .milliseconds(1), through: last,
          limit: CandleBatch.maximumCandles)
      let told = try batch.rejected.filter {
        try transaction.quarantine.contains(place: $0.place, text: $0.text, series: record)
      }
      let marks = Set(told.map { "\($0.place)\n\($0.text)" })
      return SeriesReading.Known(
        candles: Dictionary(uniqueKeysWithValues: candles.map { ($0.time, $0) }),
        isKnownBad: { marks.contains("\($0.place)\n\($0.text)") })
    }
  }

  /// Writes what waits, in one transaction, and forgets it.
  mutating func write() throws {
    let (readings, run) = (readings, context.run)
    let records = try context.store.write(at: context.time.now) { transaction in
      try readings.map { try $0.write(to: transaction, run: run) }
    }
    for (index, record) in records.enumerated() { self.readings[index].forgetWritten(record) }
    held = 0
    written = context.time.uptime
  }
}
