import Calendars
public import Domain
import Logging
import Settings
import Store
import StrictYAML
import Venues

/// Brings closed candles from a source into the database.
///
/// Each series is asked for what lies beyond its watermark, and nothing that closes after the job's
/// slot. Writing is idempotent, so a batch that was read twice does no harm. What comes is written in
/// transactions of bounded size, each with the watermarks that it moves, so that a run that is cut
/// off goes on where it was; the last one ends the run.
///
/// The newest candles on record are asked for once more in the same question: sources correct them,
/// and tell late of some. A series that fails stops no other.
struct FetchJob: Job, RereadingJob {
  let kind = JobKind.fetch
  let universe: Universe
  var parameters: FetchParameters
  /// So many candles of all series wait in memory before they are written.
  var heldCandles = 20_000
  /// And for so long at most.
  var heldTime = TimeSpan.seconds(5)

  /// Questions under way at once, whatever the number of series.
  static let maximumQuestions = 16
  /// So many series with holes are named.
  private static let namedSeries = 5
  /// How old the venue's trading rules may be before they are asked for again.
  static let rulesAge = TimeSpan.days(1)

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    var parameters = FetchParameters(reader)
    guard let universe = Universe(reader, settings, sources) else { return nil }
    parameters.bound(by: universe, reader)
    self.universe = universe
    self.parameters = parameters
  }

  func reading(from: Instant) -> any Job {
    var job = self
    job.parameters.from = from
    return job
  }

  func run(_ context: JobContext) async throws -> JobResult {
    universe.keepBudgets(in: context.store)
    let symbols = try await universe.resolve()
    let rules = try await freshRules(of: symbols, context)
    var desk = FetchDesk(try readings(of: symbols, absent: rules, context), context, heldCandles)
    desk.heldTime = heldTime
    do {
      try await read(&desk, context)
    } catch {
      // What came until now is progress: the next attempt goes on from there.
      try desk.write()
      throw error
    }
    let verdict = try await verdict(desk, rules, context)
    if let fault = verdict.fault {
      try desk.write()
      throw fault
    }
    return result(desk, verdict, rules, symbols, context)
  }

  private func result(
    _ desk: FetchDesk, _ verdict: FetchVerdict, _ rules: [Symbol: Listing], _ symbols: [Symbol],
    _ context: JobContext
  ) -> JobResult {
    let total = desk.readings.reduce(into: FetchTally()) { $0.add($1.tally) }
    let caveats = [verdict.caveat, total.caveat].compactMap { $0 }
    return JobResult(
      summary: "\(desk.readings.count) series, \(total)",
      details: rules.values.compactMap(\.instrument).sorted { $0.symbol < $1.symbol }.map { rule in
        "\(rule.symbol): price step \(rule.tick), quantity step \(rule.lot), "
          + "least value \(rule.minimumNotional)"
      }
        + desk.readings.map { reading in
          let why = reading.fault.map { "; \($0)" } ?? ""
          return "\(reading.series.symbol) \(reading.series.timeframe): \(reading.tally)\(why)"
        },
      caveat: caveats.isEmpty ? nil : caveats.joined(separator: "; ")
    ) { transaction in
      for rule in rules.values.compactMap(\.instrument) {
        try transaction.instruments.save(rule, at: universe.venue)
      }
      if universe.chosen == nil {
        try transaction.universes.record(
          symbols, at: universe.venue, universe.timeframe, slot: context.slot, run: context.run)
      }
      for reading in desk.readings { _ = try reading.write(to: transaction, run: context.run) }
      if let alert = gaps(desk.readings, context.firing.slot.job) {
        try transaction.alerts.raise(alert)
      }
    }
  }

  /// That candles are missing between those on record and those that came; nil where none are. What a history
  /// lacks that is read for the first time is no news.
  private func gaps(_ readings: [SeriesReading], _ job: JobName) -> Alert? {
    let holed = readings.filter { $0.record?.watermark != nil && $0.tally.missing > 0 }
    guard let mark = holed.compactMap({ $0.record?.watermark }).min() else { return nil }
    let missing = holed.map(\.tally.missing).reduce(0, +)
    let names = holed.prefix(Self.namedSeries).map {
      "\($0.series.symbol) \($0.series.timeframe) (\($0.tally.missing))"
    }.joined(separator: ", ")
    let more = holed.count > Self.namedSeries ? " and \(holed.count - Self.namedSeries) more" : ""
    return Alert(
      .candleGaps, of: job.text,
      "\(missing == 1 ? "1 candle is" : "\(missing) candles are") missing: \(names)\(more)",
      remedy: "late ones are taken by themselves; else: carillon job run \(job) --from \(mark)")
  }

  /// What the venue says of the symbols, if the rules on record are missing or old.
  private func freshRules(
    of symbols: [Symbol], _ context: JobContext
  ) async throws -> [Symbol: Listing] {
    let known = try context.store.read {
      try $0.instruments.symbols(at: universe.venue, since: context.slot - Self.rulesAge)
    }
    let isFresh = symbols.allSatisfy(known.contains)
    return isFresh ? [:] : try await universe.source.listings(symbols)
  }

  /// The reading of each series, with what is on record of it.
  private func readings(
    of symbols: [Symbol], absent rules: [Symbol: Listing], _ context: JobContext
  ) throws -> [SeriesReading] {
    try context.store.read { transaction in
      try symbols.map { symbol in
        let series = universe.series(symbol)
        let step = series.timeframe.span
        let record = try transaction.series.find(series)
        let isManual = context.firing.trigger == .manual
        var known: [Candle] = []
        var last: Candle?
        if let record, let mark = record.watermark {
          // To look for corrections alone is worth a question only to a person who asks for it.
          let isDue = universe.clock.lastClosed(at: context.slot) > mark || isManual
          known = try transaction.candles.last(
            record, count: max(isDue ? parameters.recheck : 0, 1), closedBy: mark + step)
          last = known.last
          if !isDue || parameters.recheck == 0 { known = [] }
        }
        var reading = SeriesReading(
          series, record,
          span: FetchSpan(
            record, known: known.first?.time, clock: universe.clock, slot: context.slot,
            isAskedByHand: isManual, parameters),
          clock: universe.clock, slot: context.slot, moves: parameters.moves, last: last,
          accepted: try record.map(transaction.acceptances.times) ?? [])
        if case .absent(let fault) = rules[symbol] { reading.fail(fault) }
        return reading
      }
    }
  }

  /// Asks for all series, so many at once, and takes the answers one after another on this run's own
  /// thread.
  private func read(_ desk: inout FetchDesk, _ context: JobContext) async throws {
    try await withThrowingTaskGroup(of: (Int, Result<CandleBatch, Fault>).self) { group in
      var underWay = 0
      while true {
        while underWay < Self.maximumQuestions, let (index, question) = desk.next() {
          let series = desk.readings[index].series
          group.addTask { (index, try await ask(question, series)) }
          underWay += 1
        }
        guard let (index, answer) = try await group.next() else { return }
        underWay -= 1
        try context.checkpoint()
        try desk.take(answer, of: index)
      }
    }
  }

  private func ask(
    _ question: SeriesReading.Question, _ series: Series
  ) async throws -> Result<CandleBatch, Fault> {
    do {
      return .success(
        try await universe.source.candles(
          series.symbol, series.timeframe, from: question.from, closedBy: question.closedBy,
          limit: question.limit))
    } catch let fault as Fault {
      return .failure(fault)
    }
  }

  /// What became of each series.
  private func verdict(
    _ desk: FetchDesk, _ rules: [Symbol: Listing], _ context: JobContext
  ) async throws -> FetchVerdict {
    var ends: [(series: Series, end: FetchVerdict.End)] = []
    var late: [Int: TimeSpan] = [:]
    for (index, reading) in desk.readings.enumerated() {
      let end: FetchVerdict.End
      switch (reading.fault, reading.newest) {
      case (let fault?, _): end = .failed(fault)
      case (nil, nil) where reading.tally.held > 0: end = .read
      case (nil, nil): end = .failed(nothing(of: reading.series))
      case (nil, let newest?):
        let age = try age(of: reading, newest, context)
        switch age {
        case .fresh: end = .read
        case .stale(let age): end = .failed(stale(reading.series, newest, age))
        case .ended(let age):
          late[index] = age
          end = .failed(stale(reading.series, newest, age))
        }
      }
      ends.append((reading.series, end))
    }
    try await excuse(&ends, late: late, desk, rules, context)
    return FetchVerdict(ends, quorum: parameters.quorum)
  }

  /// Finds the series that failed because their symbol is halted or gone, which no later fetch mends.
  private func excuse(
    _ ends: inout [(series: Series, end: FetchVerdict.End)], late: [Int: TimeSpan],
    _ desk: FetchDesk, _ rules: [Symbol: Listing], _ context: JobContext
  ) async throws {
    let suspects = ends.indices.filter { index in
      if case .failed(let fault) = ends[index].end { !fault.isTransient } else { false }
    }
    guard !suspects.isEmpty else { return }
    let isAnyRead = ends.contains { if case .read = $0.end { true } else { false } }
    var listings = rules
    if listings.isEmpty {
      do {
        listings = try await universe.source.listings(suspects.map { ends[$0].series.symbol })
      } catch let fault as Fault {
        context.log.warning("what became of the symbols is not known: \(fault)")
      }
    }
    for index in suspects {
      let hasCandles = desk.readings[index].newest != nil
      switch listings[ends[index].series.symbol] {
      case .halted(_, let status):
        ends[index].end = .excused("is halted (\(status))")
      case .absent where hasCandles && isAnyRead:
        ends[index].end = .excused("is gone: \(universe.venue) does not list it any more")
      default:
        guard let age = late[index], isAnyRead else { continue }
        ends[index].end = .excused("has had no candle for \(age.rounded): halted or gone")
      }
    }
  }

  private func age(
    of reading: SeriesReading, _ newest: Instant, _ context: JobContext
  ) throws -> SeriesAge {
    let age = universe.clock.age(ofCandle: newest, at: context.slot)
    let quick = SeriesAge(age, of: universe.timeframe, allowed: parameters.maximumAge)
    let knowsSessions = parameters.maximumAge != nil || universe.clock.calendar != nil
    guard quick != .fresh, !knowsSessions else { return quick }
    let recent = try context.store.read { transaction in
      try reading.record.map {
        try transaction.candles.last(
          $0, count: SeriesAge.candles, closedBy: newest + universe.timeframe.span)
      } ?? []
    }
    let times = Set((recent + reading.pending).map(\.time)).sorted().suffix(SeriesAge.candles)
    return SeriesAge(
      age, of: universe.timeframe, longestGap: SeriesAge.longestGap(Array(times)))
  }

  private func nothing(of series: Series) -> Fault {
    Fault(
      "read candles of", "\(series)", cause: "the source has none",
      remedy: "check the symbol and the timeframe, or ask further back: history", exit: .data)
  }

  private func stale(_ series: Series, _ newest: Instant, _ age: TimeSpan) -> Fault {
    Fault(
      "read candles of", "\(series)",
      cause: "the newest opens at \(newest); what came after it is missing for \(age.rounded)",
      remedy: "look at the source, or set `max-age` where it is no later by design", exit: .data)
  }
}

/// A job that can be told to read its source again.
public protocol RereadingJob: Job {
  /// The same job, reading everything again from a time on.
  func reading(from: Instant) -> any Job
}
