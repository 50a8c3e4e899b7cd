import Domain
import Foundation
import Logging
import Net
import Settings
import Store
import StrictYAML
import Synchronization
import Testing

@testable import Jobs

/// Every kind of job ends when it is told to, in the middle of its work: otherwise the watchdog would
/// take it for stuck and end the process.
///
/// No clock is asked. Work that waits for others (an exchange, a program, a report) never ends by
/// itself here, so that its end is the proof. Work that has an end is told to stop in its first step,
/// on its own thread, and must begin no other.
@Suite(.serialized) struct StoppingTests {
  @Test(arguments: JobKind.allCases)
  func stopsInTheMiddle(_ kind: JobKind) async throws {
    let bench = try Workbench()
    let transport = SilentExchange()
    let settings = try settings(bench, kind)
    try await prepare(kind, bench, settings, transport.events)
    let job = try job(kind, settings, transport, bench)
    let runner = Runner(
      store: bench.store, holder: bench.lock.holder, time: bench.time, conditions: Conditions(),
      log: Logger(label: "test") { _ in EventLog(events: transport.events) })
    let hours = Self.candles
    let slot = Slot(
      job: try #require(JobName(kind.rawValue)), time: Workbench.start + .hours(hours))
    let stop = { @Sendable in runner.cancel(slot, because: .cancelled("enough")) }
    let hasAnEnd = [.compute, .snapshot, .prune].contains(kind)
    if hasAnEnd { transport.events.atFirst(Self.event(of: kind), do: stop) }
    let run = Task {
      defer { transport.events.post("ended") }
      return try await bench.run(job, hours: hours, force: true, runner: runner)
    }
    guard await transport.events.wait(for: Self.event(of: kind)) else {
      let end = try await run.value
      Issue.record("it ended before its work had begun: \(end?.reason ?? "done")")
      return
    }
    if !hasAnEnd { stop() }
    let end = try await run.value
    if hasAnEnd { try expectUnfinished(kind, bench, transport.events) }
    #expect(end?.state == .failed)
    #expect(end?.reason == "cancelled by hand: enough")
  }

  /// What tells that the work has begun.
  private static func event(of kind: JobKind) -> String {
    switch kind {
    case .fetch, .rebalance, .reconcile: "request"
    case .compute: "computing"
    case .infer, .command: "program"
    case .snapshot: "taken"
    case .prune, .report: "looked"
    }
  }

  /// The work as a run left it that was told to stop in its first step.
  private func expectUnfinished(_ kind: JobKind, _ bench: Workbench, _ events: Events) throws {
    #expect(events.count(of: Self.event(of: kind)) == 1, "it began another step")
    guard kind == .snapshot else { return }
    // Taken before it was told to; it was not proved any more.
    let folder = SnapshotFolder(bench.folder.appendingPathComponent("snapshots").path)
    #expect(try folder.list().map(\.verified) == [nil])
  }

  /// So many hourly candles, and features of them: their rows are several steps.
  private static let candles: Int64 = 100_000
  private static let features = 100

  private func settings(_ bench: Workbench, _ kind: JobKind) throws -> Settings {
    // On paper there is nobody to hold an account against.
    let account =
      kind == .reconcile
      ? "mode: test, key-file: key, secret-file: secret" : "cash: \"1000\""
    let features = (1...Self.features).map { "f\($0): sma(\($0 + 1))" }.joined(separator: ", ")
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { silent: { kind: binance, base-url: "http://127.0.0.1:9" } }
      accounts: { main: { quote: USD, \(account) } }
      market:
        venue: silent
        symbols: [AAA-USD]
        timeframe: 1h
        features: { \(features) }
      """
    return try Settings.read(
      text, file: bench.folder.appendingPathComponent("carillon.yaml").path, environment: [:]
    ).settings
  }

  private func job(
    _ kind: JobKind, _ settings: Settings, _ exchange: SilentExchange, _ bench: Workbench
  ) throws -> any Job {
    let program = #"[sh, -c, "echo begun > pipe; cat > /dev/null; sleep infinity"]"#
    let parameters: String? =
      switch kind {
      case .fetch: "{ history: 30d }"
      case .infer: "{ model: { command: \(program) }, max-age: 9999d }"
      case .rebalance: "{ top: 1, max-weight: 1 }"
      case .command: "{ run: \(program) }"
      case .report: "{ folder: reports }"
      case .compute, .reconcile, .snapshot, .prune: nil
      }
    let log = DiagnosticLog()
    let sources = MarketSources(settings, transport: exchange, time: bench.time)
    let node = try parameters.map { try YAMLDocument.parse($0, file: "with.yaml") }
    let name = try #require(JobName(kind.rawValue))
    let job = JobCatalog(settings, sources: sources, reports: EndlessReport()).job(
      name, kind, parameters: node, log: log)
    if log.hasErrors { throw log.diagnostics }
    return try #require(job)
  }

  /// What the work is on: candles, for infer a row of features as well, for programs a pipe on which
  /// they tell that they have begun.
  private func prepare(
    _ kind: JobKind, _ bench: Workbench, _ settings: Settings, _ events: Events
  ) async throws {
    if kind == .prune { return try prepareRuns(bench) }
    if kind == .reconcile {
      for name in ["key", "secret"] { try bench.write("half", to: name) }
      try bench.store.write(at: bench.time.now) {
        _ = try $0.accounts.open(
          "main", quote: "USD", mode: .test, initial: .one, place: "http://127.0.0.1:9")
      }
    }
    guard [.compute, .infer, .snapshot].contains(kind) || kind == .command else { return }
    let symbol = try #require(Symbol("AAA-USD"))
    let timeframe = try #require(Timeframe("1h"))
    let count = kind == .infer ? 200 : Self.candles
    try bench.store.write(at: bench.time.now) { tx in
      let series = try tx.series.register(
        Series(venue: "silent", symbol: symbol, timeframe: timeframe))
      let candles = (Self.candles - count..<Self.candles).map { hour in
        Candle(
          time: Workbench.start + .hours(hour), open: 10, high: 20, low: 5,
          close: 10 + Double(hour % 7), volume: 1)
      }
      _ = try tx.candles.upsert(candles, series: series, run: nil)
    }
    guard kind == .infer || kind == .command else { return }
    if kind == .infer {
      let compute = try bench.job(.compute, settings)
      #expect(try await bench.run(compute, hours: Self.candles)?.state == .succeeded)
    }
    let pipe = bench.folder.appendingPathComponent("pipe").path
    #expect(mkfifo(pipe, 0o600) == 0)
    try PlainThread {
      guard let file = fopen(pipe, "r") else { return }
      if fgetc(file) != EOF { events.post("program") }
      fclose(file)
    }
  }
}

extension StoppingTests {
  /// Runs enough for many steps.
  private func prepareRuns(_ bench: Workbench) throws {
    let other = try #require(JobName("other"))
    try bench.store.write(at: bench.time.now) { tx in
      for second in Int64(1)...30_000 {
        try tx.runs.record(
          Slot(job: other, time: Workbench.start - .days(1000) + .seconds(second)),
          trigger: .cron, state: .skipped, reason: "the one before still ran")
      }
    }
  }
}

/// An exchange that takes every request and never answers.
private struct SilentExchange: HTTPTransport {
  let events = Events()

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    events.post("request")
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in stream {}
    withExtendedLifetime(continuation) {}
    throw CancellationError()
  }
}

/// What has happened so far, to be awaited.
private final class Events: Sendable {
  private let stream: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation
  private let counts = Mutex<[String: Int]>([:])
  private let answer = Mutex<(event: String, action: @Sendable () -> Void)?>(nil)

  init() { (stream, continuation) = AsyncStream.makeStream(of: String.self) }

  /// Does something as soon as an event is posted for the first time, on the thread that posts it.
  func atFirst(_ event: String, do action: @escaping @Sendable () -> Void) {
    answer.withLock { $0 = (event, action) }
  }

  func post(_ event: String) {
    let isFirst = counts.withLock {
      $0[event, default: 0] += 1
      return $0[event] == 1
    }
    let answer = answer.withLock { $0 }
    if isFirst, let answer, answer.event == event { answer.action() }
    continuation.yield(event)
  }

  /// How often it was posted.
  func count(of event: String) -> Int { counts.withLock { $0[event, default: 0] } }

  /// Waits until something has happened.
  ///
  /// - Returns: false when the run has ended without it.
  func wait(for event: String) async -> Bool {
    for await next in stream {
      if next == event { return true }
      if next == "ended" { return false }
    }
    return false
  }
}

/// A report that is never done.
private struct EndlessReport: ReportMaker {
  func make(_ request: ReportRequest, _ context: JobContext) async throws -> JobResult {
    context.log.debug("looked")
    while true {
      try context.checkpoint()
      try await context.time.sleep(for: .milliseconds(10))
    }
  }
}

/// A log each message of which is an event.
private struct EventLog: LogHandler {
  let events: Events
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.debug

  init(events: Events) { self.events = events }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { events.post("\(event.message)") }
}
