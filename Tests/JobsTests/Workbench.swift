import Domain
import Foundation
import Jobs
import Logging
import Net
import Settings
import Store
import StrictYAML
import Synchronization
import Testing
import Venues

/// A folder of its own with a database, settings and a source of candles under the test's control.
final class Workbench: Sendable {
  let folder: URL
  let store: Store
  let lock: ProcessLock
  let time: StillTime

  init(at now: Instant = Workbench.start, mode: Store.Mode = .create) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("carillon-jobs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appendingPathComponent("carillon.db").path
    lock = try ProcessLock.acquire(beside: path, purpose: "test", now: now)
    store = try Store.open(path, mode: mode)
    time = StillTime(now)
  }

  deinit {
    do {
      try store.close()
      try FileManager.default.removeItem(at: folder)
    } catch {
      Issue.record(error)
    }
  }

  /// 2026-01-01T00:00:00Z.
  static let start = Instant(seconds: 1_767_225_600)

  /// A file in the folder.
  func write(_ text: String, to name: String) throws {
    let url = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  /// Settings over candle files in `candles/`, hourly, quoted in USD.
  func settings(
    symbols: String = "all", rebalance: String = "", account: String = "", venue: String = ""
  ) throws -> Settings {
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { files: { kind: csv, path: candles\(venue) } }
      accounts: { main: { quote: USD, cash: "1000", fee-bps: 10, slippage-bps: 0\(account) } }
      market:
        venue: files
        symbols: \(symbols)
        timeframe: 1h
        features: { mean: sma(2), up: roc(1) }
      defaults:
        infer: { model: model.json, max-age: 3h }
        rebalance: { top: 1, max-weight: 1, cash-buffer: 0.1, band: 0, max-age: 3h\(rebalance) }
      """
    return try Settings.read(
      text, file: folder.appendingPathComponent("carillon.yaml").path, environment: [:]
    ).settings
  }

  /// Writes hourly candles of these closes, from the start on; each opens where the last closed.
  func candles(
    _ base: String, _ closes: [Double], extra: String = "", volume: String = "1"
  ) throws {
    var text = "time_ms,open,high,low,close,volume\n"
    var open = closes[0]
    for (index, close) in closes.enumerated() {
      let time = Self.start.milliseconds + Int64(index) * 3_600_000
      text += "\(time),\(open),\(max(open, close)),\(min(open, close)),\(close),\(volume)\n"
      open = close
    }
    try write(text + extra, to: "candles/\(base)_1h.csv")
  }

  /// A linear model of the feature `up`.
  func model(features: String = #"["up"]"#, weights: String = "[1]") throws {
    try write(
      #"{"kind":"linear","version":1,"features":\#(features),"weights":\#(weights)}"#,
      to: "model.json")
  }

  /// A job of the settings.
  func job(
    _ kind: JobKind, _ settings: Settings, with parameters: String? = nil
  ) throws -> any Job {
    let sources = MarketSources(settings, transport: NoNetwork(), time: time)
    let log = DiagnosticLog()
    let node = try parameters.map { try YAMLDocument.parse($0, file: "with.yaml") }
    let name = try #require(JobName(kind.rawValue))
    let job = JobCatalog(settings, sources: sources).job(name, kind, parameters: node, log: log)
    if log.hasErrors { throw log.diagnostics }
    return try #require(job)
  }

  /// A runner over the bench's database.
  func runner(
    _ conditions: Conditions = Conditions(), time clock: (any TimeSource)? = nil
  ) -> Runner {
    Runner(
      store: store, holder: lock.holder, time: clock ?? time, conditions: conditions,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Claims and runs a job at a slot, so many hours after the start.
  func run(
    _ job: any Job, hours: Int64, policy: JobPolicy? = nil, force: Bool = false,
    conditions: Conditions = Conditions(), latestStart: Instant? = nil, followers: [Follower] = [],
    time clock: (any TimeSource)? = nil, runner given: Runner? = nil
  ) async throws -> RunEnd? {
    let slot = Slot(job: try #require(JobName(job.kind.rawValue)), time: Self.start + .hours(hours))
    time.set(max(time.now, slot.time))
    let runner = given ?? runner(conditions, time: clock)
    let firing = Firing(
      slot: slot, trigger: .cron, policy: policy ?? JobPolicy(kind: job.kind),
      latestStart: latestStart, followers: followers)
    guard case .claimed(let run, let attempt) = try runner.claim(firing, force: force) else {
      return nil
    }
    let worker = WorkerThread(name: "test")
    defer { worker.stop() }
    return try await runner.run(
      ClaimedRun(firing: firing, run: run, attempt: attempt), job: job, on: worker)
  }
}

/// A clock that stands still until it is set; whoever sleeps on it waits for cancellation, but for
/// pauses that are told to pass.
final class StillTime: TimeSource {
  private let state: Mutex<Instant>
  let passesPauses = Atomic<Bool>(false)

  init(_ now: Instant) { state = Mutex(now) }

  var now: Instant { state.withLock { $0 } }
  var uptime: TimeSpan { now - Workbench.start }
  func set(_ now: Instant) { state.withLock { $0 = now } }

  func sleep(for span: TimeSpan) async throws {
    // Time-outs are minutes, pauses of a test milliseconds.
    if span < .seconds(1) || passesPauses.load(ordering: .relaxed) { return }
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in stream {}
    withExtendedLifetime(continuation) {}
    throw CancellationError()
  }
}

/// A transport for tests that must not use one.
struct NoNetwork: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    throw Fault("use", "the network", cause: "this test has none", exit: .internal)
  }
}
