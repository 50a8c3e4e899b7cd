import Domain
import Foundation
import Settings
import Store
import StrictYAML
import Synchronization
import Testing
import Venues

@testable import Jobs

/// Hourly candles of series S0, S1 and so on from the start on, all closing at 1; it counts what it is
/// asked, and may be cut off.
final class CountingMarket: MarketData {
  let name = "files"
  let series: Atomic<Int>
  private let candles: Int64
  private let questionsUntilCut: Int
  private let state = Mutex((asked: 0, now: 0, most: 0, lists: 0))

  init(candles: Int64, series: Int = 1, questionsUntilCut: Int = .max) {
    self.candles = candles
    self.series = Atomic(series)
    self.questionsUntilCut = questionsUntilCut
  }

  var mostAtOnce: Int { state.withLock { $0.most } }
  var listsAsked: Int { state.withLock { $0.lists } }

  func symbols() async throws -> [Symbol] {
    state.withLock { $0.lists += 1 }
    return (0..<series.load(ordering: .relaxed)).compactMap { Symbol(base: "S\($0)", quote: "USD") }
  }

  func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    symbols.map { InstrumentRules.defaults(for: $0) }
  }

  func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    let asked = state.withLock { state in
      state.asked += 1
      state.now += 1
      state.most = max(state.most, state.now)
      return state.asked
    }
    defer { state.withLock { $0.now -= 1 } }
    if asked % (questionsUntilCut == .max ? .max : questionsUntilCut + 1) == 0 {
      throw CancellationError()
    }
    await Task.yield()
    let first = max(from ?? Workbench.start, Workbench.start)
    let all = min(closedBy, Workbench.start + .hours(candles + 10))
    var found: [Candle] = []
    var time = first
    while found.count < limit, time + .hours(1) <= all {
      found.append(Candle(time: time, open: 1, high: 1, low: 1, close: 1, volume: 1))
      time = time + .hours(1)
    }
    return CandleBatch(candles: found, resumeFrom: time + .hours(1) <= all ? time : nil)
  }

  func serverTime() async throws -> Instant? { nil }
}

extension Workbench {
  /// A fetch job over a market of the test, with all the history there is.
  func fetch(_ market: any MarketData, held: Int) throws -> any Job {
    let settings = try settings()
    let sources = MarketSources(settings, transport: NoNetwork(), time: time).wrapped { _ in market
    }
    let log = DiagnosticLog()
    let made = JobCatalog(settings, sources: sources).job(
      try #require(JobName("fetch")), .fetch,
      parameters: try YAMLDocument.parse("{ history: 9000d }", file: "with.yaml"), log: log)
    if log.hasErrors { throw log.diagnostics }
    var job = try #require(made as? FetchJob)
    job.heldCandles = held
    return job
  }
}
