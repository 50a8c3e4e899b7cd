import Domain
import Jobs
import Logging
import Net
import Scheduler
import Settings
import Store

@testable import Service

/// The real daemon on a real database, with a clock that the test sets. What it claims is not run.
final class DaemonBench {
  let folder: ServiceFolder
  let store: Store
  let lock: ProcessLock
  let runner: Runner
  let conditions = Conditions()
  var daemon: Daemon
  /// The slots that were claimed, in order.
  private(set) var claimed: [Slot] = []
  private let catalog: JobCatalog
  private let schedule: Schedule

  private static let settings = """
    version: 1
    database: { path: carillon.db }
    venues: { simulated: { kind: simulated, seed: 1 } }
    accounts: { main: { quote: USDT, cash: "1000" } }
    market: { venue: simulated, symbols: [BTC-USDT], timeframe: 1h, features: { up: roc(1) } }
    """

  /// A daemon that starts now, after what `prepare` has left behind.
  init(
    _ jobs: String, at now: Instant,
    prepare: (WriteTransaction, Schedule) throws -> Void = { _, _ in }
  ) throws {
    folder = try ServiceFolder()
    store = try Store.open(folder.database, mode: .readWrite)
    lock = try ProcessLock.acquire(beside: folder.database, purpose: "test", now: now)
    let lines = jobs.split(separator: "\n").map { "  \($0)\n" }.joined()
    let schedule = try Schedule.parse("version: 1\njobs:\n\(lines)", file: "f")
    self.schedule = schedule
    let settings = try Settings.read(
      Self.settings, file: folder.path + "/carillon.yaml", environment: [:]
    ).settings
    let time = SetTime(now)
    catalog = JobCatalog(
      settings, sources: MarketSources(settings, transport: Disconnected(), time: time))
    runner = Runner(
      store: store, holder: lock.holder, time: time, conditions: conditions, log: Self.log)
    try store.write(at: now) { try prepare($0, schedule) }
    daemon = try Self.daemon(schedule, catalog, store, runner, conditions, now)
  }

  deinit {
    do { try store.close() } catch { preconditionFailure("\(error)") }
  }

  private static var log: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  private static func daemon(
    _ schedule: Schedule, _ catalog: JobCatalog, _ store: Store, _ runner: Runner,
    _ conditions: Conditions, _ now: Instant
  ) throws -> Daemon {
    try Daemon(
      schedule: schedule, catalog: catalog, store: store, runner: runner, conditions: conditions,
      workers: 4, now: now, uptime: now - .epoch, log: log)
  }

  /// Another process takes over, at an instant.
  func restart(at now: Instant) throws {
    daemon = try Self.daemon(schedule, catalog, store, runner, conditions, now)
  }

  /// One turn of the loop.
  func turn(at now: Instant) throws {
    for run in try daemon.answerRequests(now: now) { claimed.append(run.firing.slot) }
    for run in try daemon.turn(now: now, uptime: now - .epoch) { claimed.append(run.firing.slot) }
    for run in try daemon.adoptOrphans(now: now) { claimed.append(run.firing.slot) }
  }

  /// Leaves a request, and returns what one turn answers; nil when it leaves it open.
  func ask(_ request: OperatorRequest, at now: Instant) throws -> OperatorAnswer? {
    let id = try store.write(at: now) {
      try $0.requests.append(request.verb, request.subject, detail: request.detail)
    }
    try turn(at: now)
    return try store.read { try $0.requests.request(id)?.answer }.flatMap { OperatorAnswer($0) }
  }

  func state(_ slot: Slot) throws -> RunState? { try store.read { try $0.runs.run(slot)?.state } }
}

/// A transport for tests that must not use one.
private struct Disconnected: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    throw Fault("use", "the network", cause: "this test has none", exit: .internal)
  }
}
