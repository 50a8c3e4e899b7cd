import Dispatch
public import Domain
import Jobs
public import Net
public import Settings
public import Store
import Synchronization

/// Answers from the database for the HTTP server, read on a thread of its own, since reading blocks
/// and neither the network's thread nor Swift's cooperative pool may.
///
/// Each answer has a time limit: one that cannot be had in time is an answer too.
public final class ServiceReadings: Sendable {
  let vitals: Vitals
  let version: String
  private let store: Store
  private let survey: HealthSurvey
  private let metrics: MetricsReading
  private let time: any TimeSource
  private let settings: Settings?
  private let mode: String
  private let meter: ExchangeMeter?
  private let worker = WorkerThread(name: "readings")
  /// Pages are made on a thread of their own, so that one that takes long delays no probe.
  private let pages = WorkerThread(name: "pages")
  /// Passwords are hashed on one thread, whoever asks for how many.
  private let logins = WorkerThread(name: "logins")
  private let isStopped = Atomic<Bool>(false)

  /// The time for one answer.
  public static let answerTimeout = TimeSpan.seconds(5)

  private static let stopTimeoutSeconds = 2

  /// Readings of a database that stays open until `stop()`.
  public init(
    _ store: Store, survey: HealthSurvey, vitals: Vitals, version: String, mode: String,
    settings: Settings? = nil, meter: ExchangeMeter? = nil, time: any TimeSource
  ) {
    (self.store, self.survey, self.vitals, self.time) = (store, survey, vitals, time)
    (self.version, self.mode, self.settings) = (version, mode, settings)
    self.meter = meter
    metrics = MetricsReading(version: version, mode: mode, settings: settings)
  }

  /// The time.
  var now: Instant { time.now }

  /// The health of all jobs.
  func health() async throws -> HealthReport {
    try await reading { [store, survey, vitals, time] in
      var facts = survey.look(store, now: time.now)
      // What is in memory is known also where the file of the heartbeat cannot be written.
      facts.storage = vitals.storage ?? facts.storage
      return HealthReport(of: facts)
    }
  }

  /// What `/metrics` tells, but for what the server itself counts.
  func metricsFacts() async throws -> MetricsFacts {
    var facts = try await reading { [store, survey, metrics, vitals, time] in
      try metrics.look(store, survey: survey, vitals: vitals, now: time.now)
    }
    if let meter { (facts.calls, facts.skews) = (meter.calls, meter.skews) }
    return facts
  }

  /// What is made from one look at the database and what the process knows besides.
  func page<Value: Sendable>(
    _ make: @escaping @Sendable (PageSource) throws -> Value
  ) async throws -> Value {
    try await reading(on: pages) { [store, survey, settings, mode, version, vitals, time] in
      try make(
        PageSource(
          store: store, survey: survey, settings: settings, mode: mode, version: version,
          storage: vitals.storage, now: time.now))
    }
  }

  /// Does on the one thread for it what takes long on purpose.
  func hashing<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await reading(on: logins, body)
  }

  /// The path of the database.
  var database: String { store.path }

  /// The time since the machine started, which nobody sets.
  var uptime: TimeSpan { time.uptime }

  /// How many transactions were committed by this process: what a page shows may have changed when
  /// this has.
  var commits: Int { store.commits }

  /// Whether answers that go on for ever are to end.
  var isEnding: Bool {
    vitals.isDraining || isStopped.load(ordering: .sequentiallyConsistent)
  }

  /// Sleeps, on the clock of the process.
  func sleep(_ span: TimeSpan) async throws { try await time.sleep(for: span) }

  /// Why the loop is not alive; nil when it turns.
  var stillness: String? {
    let silence = vitals.silence(uptime: time.uptime)
    guard silence > HealthReport.heartbeatLimit else { return nil }
    return "the loop has not turned for \(silence.rounded)"
  }

  /// One thing that is needed to do work, and why it is not there; nil when it is.
  struct Readiness: Sendable {
    var check: String
    var reason: String?
  }

  /// All that is needed to do work. The database is not asked while the process drains, or its storage
  /// refuses.
  func readiness() async throws -> [Readiness] {
    let storage = vitals.storage.flatMap { $0.trouble.haltsTrading ? $0.words : nil }
    var checks = [
      Readiness(check: "running", reason: vitals.isDraining ? "draining" : nil),
      Readiness(check: "storage", reason: storage),
    ]
    guard checks.allSatisfy({ $0.reason == nil }) else { return checks }
    let facts = try await reading { [store, survey, time] in survey.look(store, now: time.now) }
    checks.append(Readiness(check: "database", reason: facts.databaseFault.map { "\($0)" }))
    let trouble = facts.schedule == nil ? facts.scheduleTrouble ?? "there is no schedule" : nil
    checks.append(Readiness(check: "schedule", reason: trouble))
    return checks
  }

  /// Waits for the reading under way, and refuses all that come later: the database may be closed
  /// afterwards.
  public func stop() {
    isStopped.store(true, ordering: .sequentiallyConsistent)
    let done = DispatchSemaphore(value: 0)
    for worker in [worker, pages, logins] { Task(executorPreference: worker) { done.signal() } }
    // One that hangs in the database will say so itself when that is closed.
    for _ in 0..<3 { _ = done.wait(timeout: .now() + .seconds(Self.stopTimeoutSeconds)) }
    worker.stop()
    pages.stop()
    logins.stop()
  }

  private func reading<Value: Sendable>(
    on thread: WorkerThread? = nil, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    guard !isStopped.load(ordering: .sequentiallyConsistent) else { throw Self.stopping }
    let answer = OneAnswer<Value>()
    let limit = Task.detached { [time] in
      do { try await time.sleep(for: Self.answerTimeout) } catch { return }  // answered in time
      answer.give(.failure(Self.tooSlow))
    }
    defer { limit.cancel() }
    return try await withCheckedThrowingContinuation { continuation in
      answer.expect(continuation)
      Task(executorPreference: thread ?? worker) { [self] in
        // What waited until shutdown, or until nobody waits for it, is not read any more.
        if isStopped.load(ordering: .sequentiallyConsistent) {
          answer.give(.failure(Self.stopping))
        } else if !answer.isGiven {
          answer.give(Result { try body() })
        }
      }
    }
  }

  private static let tooSlow = Fault(
    "read", "the database", cause: "there was no answer within \(answerTimeout)",
    remedy: "look at what else uses its disk", exit: .tryAgain, isTransient: true)
  private static let stopping = Fault(
    "read", "the database", cause: "the process is stopping", exit: .tryAgain, isTransient: true)
}

/// A continuation that is resumed once, by whoever is first.
private final class OneAnswer<Value: Sendable>: Sendable {
  private enum State {
    case nobodyWaits
    case waiting(CheckedContinuation<Value, any Error>)
    case given
  }

  private let state = Mutex(State.nobodyWaits)

  func expect(_ continuation: CheckedContinuation<Value, any Error>) {
    state.withLock { $0 = .waiting(continuation) }
  }

  var isGiven: Bool {
    state.withLock { if case .given = $0 { true } else { false } }
  }

  func give(_ result: Result<Value, any Error>) {
    let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      guard case .waiting(let continuation) = state else { return nil }
      state = .given
      return continuation
    }
    continuation?.resume(with: result)
  }
}
