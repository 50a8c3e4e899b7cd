import Disk
import Domain
import Glibc
import Jobs
import Logging
import Net
import Scheduler
import Settings
import StrictYAML
import Synchronization

@testable import Service
@testable import Store

/// The service's own loop on a real database, with a clock that the test sets. What it claims is not
/// run, unless the test says how it ends.
final class ServiceBench {
  let folder: ServiceFolder
  let store: Store
  let lock: ProcessLock
  let runner: Runner
  let conditions = Conditions()
  let time: SetTime
  var loop: ServiceLoop
  /// The slots that were claimed, in order.
  private(set) var claimed: [Slot] = []
  /// The runs that were claimed and have not ended.
  private(set) var running: [ClaimedRun] = []
  /// What the loop wanted besides starts, in its last turn.
  private(set) var effects: [ServiceLoop.Effect] = []
  private let catalog: any JobMaker
  private let schedule: Schedule
  private let settings: SettingsFollower?
  private let asksForClockProof: Bool
  /// By how much the wall clock was set since the start; uptime does not follow.
  var leap = TimeSpan.zero
  /// What is known of the clock from elsewhere; the next turn hears of it.
  var readings: [ClockReading] = []
  private var letters: [Mailbox.Letter] = []

  private static let settingsText = """
    version: 1
    database: { path: carillon.db }
    venues: { simulated: { kind: simulated, seed: 1 } }
    accounts: { main: { quote: USDT, cash: "1000" } }
    market: { venue: simulated, symbols: [BTC-USDT], timeframe: 1h, features: { up: roc(1) } }
    """

  /// The wait for another process's lock is short here, since a test waits it out.
  static let busyTimeoutSeconds = 0.02
  static let storageGrace = TimeSpan.minutes(5)

  /// A service that starts now, after what `prepare` has left behind.
  init(
    _ jobs: String, at now: Instant, settings: SettingsFollower? = nil,
    asksForClockProof: Bool = false,
    prepare: (WriteTransaction, Schedule) throws -> Void = { _, _ in }
  ) throws {
    folder = try ServiceFolder()
    store = try Store.open(
      folder.database, mode: .readWrite, busyTimeoutSeconds: Self.busyTimeoutSeconds)
    lock = try ProcessLock.acquire(beside: folder.database, purpose: "test", now: now)
    let text = Self.text(jobs)
    try TextFile.create(folder.schedulesFile, text, replace: true)
    let schedule = try Schedule.parse(text, at: folder.schedulesFile)
    (self.schedule, self.settings) = (schedule, settings)
    self.asksForClockProof = asksForClockProof
    let read = try Settings.read(
      Self.settingsText, file: folder.path + "/carillon.yaml", environment: [:]
    ).settings
    time = SetTime(now)
    catalog = UnwiredCatalog(
      jobs: JobCatalog(
        read, sources: MarketSources(read, transport: Disconnected(), time: time)))
    runner = Runner(
      store: store, holder: lock.holder, time: time, conditions: conditions, log: Self.log,
      patience: Self.storageGrace)
    try store.write(at: now) { try prepare($0, schedule) }
    loop = try Self.loop(
      schedule, text, folder.schedulesFile, settings, catalog, store, runner, conditions, now,
      asksForClockProof)
  }

  deinit {
    do { try store.close() } catch { preconditionFailure("\(error)") }
  }

  static var log: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  /// The text of a schedules file with these jobs.
  static func text(_ jobs: String) -> String {
    "version: 1\njobs:\n" + jobs.split(separator: "\n").map { "  \($0)\n" }.joined()
  }

  private static func loop(
    _ schedule: Schedule, _ text: String, _ path: String, _ settings: SettingsFollower?,
    _ catalog: any JobMaker, _ store: Store, _ runner: Runner, _ conditions: Conditions,
    _ now: Instant, _ asksForClockProof: Bool
  ) throws -> ServiceLoop {
    let daemon = try Daemon(
      schedule: schedule, catalog: catalog, store: store, runner: runner, conditions: conditions,
      workers: 4, asksForClockProof: asksForClockProof, now: now, uptime: now - .epoch, log: log)
    return ServiceLoop(
      ServiceLoop.Start(
        daemon: daemon, shutdown: ShutdownState(drainTimeout: .minutes(1)), schedulesPath: path,
        schedules: ScheduleFollower.Contents(text: text), settings: settings,
        storageGrace: storageGrace),
      runner: runner, conditions: conditions, log: log)
  }

  /// Another process takes over, at an instant.
  func restart(at now: Instant) throws {
    time.now = now
    loop = try Self.loop(
      schedule, Self.text(""), folder.schedulesFile, settings, catalog, store, runner, conditions,
      now, asksForClockProof)
    running = []
  }

  /// One turn of the loop, which somebody rang for.
  func turn(
    at now: Instant, _ signals: [ServiceLoop.Wake.Signal] = [],
    seeing surroundings: ServiceLoop.Surroundings = ServiceLoop.Surroundings()
  ) throws {
    try turn(at: now, signals) { _, _ in surroundings }
  }

  /// One turn of the loop, which somebody rang for.
  func turn(
    at now: Instant, _ signals: [ServiceLoop.Wake.Signal] = [], look: ServiceLoop.Look
  ) throws {
    time.now = now
    let turned = try loop.turn(
      now: now, uptime: (now - .epoch) - leap, letters: letters, readings: readings,
      wake: ServiceLoop.Wake(signals: signals, isRung: true), look: look)
    (letters, readings, effects) = ([], [], [])
    for effect in turned {
      guard case .start(let run, _) = effect else {
        effects.append(effect)
        continue
      }
      claimed.append(run.firing.slot)
      running.append(run)
    }
  }

  /// The oldest run ends; the next turn hears of it.
  func end(_ state: RunState = .succeeded) throws {
    let run = running.removeFirst()
    let due = try store.write(at: time.now) {
      try $0.runs.finish(
        run: run.run, attempt: run.attempt, state: state, followers: run.firing.followers)
    }
    letters.append(
      Mailbox.Letter(run: run, end: .success(RunEnd(state: state, due: due))))
  }

  /// The code with which the loop left in its last turn, if it did.
  var exit: ExitCode? {
    for case .end(let code, _) in effects { return code }
    return nil
  }

  /// Leaves a request, and returns what one turn answers; nil when it leaves it open.
  func ask(_ request: OperatorRequest, at now: Instant) throws -> OperatorAnswer? {
    let id = try store.write(at: now) {
      try $0.requests.append(request.verb, request.subject, detail: request.detail)
    }
    try turn(at: now)
    return try store.read { try $0.requests.request(id) }.flatMap { OperatorAnswer($0) }
  }

  func state(_ slot: Slot) throws -> RunState? { try store.read { try $0.runs.run(slot)?.state } }

  func fact(_ fact: ServiceFact) throws -> String? {
    try store.read { try $0.service.fact(fact)?.text }
  }
}

/// Another process, or another thread of this one, that holds the write lock of a database until it is
/// let go of.
final class Hog: Sendable {
  private enum Stage { case waiting, holding, leaving, gone }

  private let other: Store
  private let isOwner: Bool
  private let stage = Mutex(Stage.waiting)

  /// Another process.
  convenience init(_ database: String) throws {
    try self.init(try Store.open(database, mode: .readWrite), isOwner: true)
  }

  /// Another thread of the process that has a database open.
  convenience init(_ store: Store) throws { try self.init(store, isOwner: false) }

  private init(_ other: Store, isOwner: Bool) throws {
    (self.other, self.isOwner) = (other, isOwner)
    try PlainThread { [self] in
      do {
        try other.write(at: .epoch) { _ in
          stage.withLock { $0 = .holding }
          wait(for: .leaving)
        }
      } catch {
        preconditionFailure("\(error)")
      }
      stage.withLock { $0 = .gone }
    }
    wait(for: .holding)
  }

  func letGo() throws {
    stage.withLock { $0 = .leaving }
    wait(for: .gone)
    if isOwner { try other.close() }
  }

  private func wait(for wanted: Stage) {
    while stage.withLock({ $0 != wanted }) { sched_yield() }
  }
}

/// A transport for tests that must not use one.
private struct Disconnected: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    throw Fault("use", "the network", cause: "this test has none", exit: .internal)
  }
}

/// The catalog, but for what it says of jobs beside each other: a bench's jobs are a few of a chain.
private struct UnwiredCatalog: JobMaker {
  let jobs: JobCatalog

  func job(
    _ name: JobName, _ kind: JobKind, parameters: YAMLNode?, log: DiagnosticLog
  ) -> (any Job)? {
    jobs.job(name, kind, parameters: parameters, log: log)
  }
}
