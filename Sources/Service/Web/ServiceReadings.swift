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
  private let supply: Supply
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

  /// Where the pages of a process that shows only lead for what is to be done; nil elsewhere.
  let actAt: String?
  /// The database seen from outside, where its changes are counted whoever makes them.
  private let watched: ObservedDatabase
  private let seen = Mutex<(at: TimeSpan, changes: Int)?>(nil)

  /// What of this process's own or another's database is read.
  private enum Supply: Sendable {
    case own(Store)
    case observed(ObservedDatabase)

    func reading<Value>(_ body: (Store) throws -> Value) throws -> Value {
      switch self {
      case .own(let store): try body(store)
      case .observed(let database): try database.reading(body)
      }
    }
  }

  /// Readings of another process's database: they show, and nothing is done.
  ///
  /// - Parameters:
  ///   - actAt: the address of the service, where things are done; nil where none is known.
  ///   - mode: how orders are executed; empty where that is not known.
  public init(
    observing database: ObservedDatabase, survey: HealthSurvey, version: String, mode: String,
    settings: Settings? = nil, actAt: String?, time: any TimeSource
  ) {
    (supply, self.survey, self.time) = (.observed(database), survey, time)
    watched = database
    (self.version, self.mode, self.settings, self.actAt) = (version, mode, settings, actAt)
    vitals = Vitals(now: time.now, uptime: time.uptime)
    meter = nil
    metrics = MetricsReading(version: version, mode: mode, settings: settings)
  }

  /// The accounts whose orders are worth money.
  var liveAccounts: [String] { settings?.liveAccounts ?? [] }

  /// Whether this process only looks at what another does.
  var isObserver: Bool { if case .observed = supply { true } else { false } }

  /// Readings of a database that stays open until `stop()`.
  public init(
    _ store: Store, survey: HealthSurvey, vitals: Vitals, version: String, mode: String,
    settings: Settings? = nil, meter: ExchangeMeter? = nil, time: any TimeSource
  ) {
    (supply, self.survey, self.vitals, self.time) = (.own(store), survey, vitals, time)
    watched = ObservedDatabase(path: store.path)
    actAt = nil
    (self.version, self.mode, self.settings) = (version, mode, settings)
    self.meter = meter
    metrics = MetricsReading(version: version, mode: mode, settings: settings)
  }

  /// The time.
  var now: Instant { time.now }

  /// The health of all jobs.
  func health() async throws -> HealthReport {
    try await reading { [supply, survey, vitals, time] in
      var facts = try supply.reading { survey.look($0, now: time.now) }
      // What is in memory is known also where the file of the heartbeat cannot be written.
      facts.storage = vitals.storage ?? facts.storage
      return HealthReport(of: facts)
    }
  }

  /// What `/metrics` tells, but for what the server itself counts.
  func metricsFacts() async throws -> MetricsFacts {
    var facts = try await reading { [supply, survey, metrics, vitals, time] in
      try supply.reading { try metrics.look($0, survey: survey, vitals: vitals, now: time.now) }
    }
    if let meter { (facts.calls, facts.skews) = (meter.calls, meter.skews) }
    facts.refusals = vitals.refusals
    return facts
  }

  /// What is made from one look at the database and what the process knows besides.
  func page<Value: Sendable>(
    _ make: @escaping @Sendable (PageSource) throws -> Value
  ) async throws -> Value {
    try await reading(on: pages) {
      [supply, survey, settings, mode, version, vitals, time, actAt, isObserver] in
      try supply.reading { store in
        var source = PageSource(
          store: store, survey: survey, settings: settings, mode: mode, version: version,
          storage: vitals.storage, now: time.now)
        (source.isObserver, source.actAt) = (isObserver, actAt)
        return try make(source)
      }
    }
  }

  /// Does on the one thread for it what takes long on purpose.
  func hashing<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await reading(on: logins, body)
  }

  /// Reads something small beside the database, on the thread that reads for probes.
  func aside<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value { try await reading(body) }

  /// The path of the database.
  var database: String {
    switch supply {
    case .own(let store): store.path
    case .observed(let database): database.path
    }
  }

  /// Puts something on record, where this process has one: who only looks has none to write to.
  func note(_ kind: String, _ words: String) async throws {
    guard case .own(let store) = supply else { return }
    try await reading(on: pages) { [time] in
      try store.write(at: time.now) { try $0.audit.append(kind, words) }
    }
  }

  /// Whether this process shows what the service beside it does under the same host name, where a form that is
  /// sent to `/act/...` reaches the service.
  var actsHere: Bool { isObserver && actAt?.isEmpty == true }

  /// Puts on record which sessions there are.
  func share(_ change: @escaping @Sendable (inout SharedSessions, Instant) -> Void) async throws {
    guard case .own(let store) = supply else { return }
    try await reading(on: pages) { [time] in
      try store.write(at: time.now) { transaction in
        var shared = SharedSessions(try transaction.service.fact(.webSessions)?.text ?? "[]")
        change(&shared, transaction.now)
        try transaction.service.tell(.webSessions, shared.text)
      }
    }
  }

  /// The session of a secret that the service has on record.
  func sharedSession(_ token: String) async throws -> Sessions.Session? {
    try await reading { [supply, time] in
      try supply.reading { store in
        let text = try store.read { try $0.service.fact(.webSessions)?.text }
        return text.flatMap { SharedSessions($0).session(token, now: time.now) }
      }
    }
  }

  /// The time since the machine started, which nobody sets.
  var uptime: TimeSpan { time.uptime }

  /// A number that goes up when the database is found changed, by this process or another: a run by hand, a
  /// command. It is looked for once a second at most, however many ask.
  func commits() async throws -> Int {
    let uptime = time.uptime
    let known = seen.withLock { seen -> Int? in
      guard let known = seen, uptime - known.at < Self.glance else { return nil }
      return known.changes
    }
    if let known { return known }
    let changes = try await reading { [watched] in try watched.changes() }
    seen.withLock { $0 = (uptime, changes) }
    return changes
  }

  private static let glance = TimeSpan.milliseconds(900)

  /// Whether answers that go on for ever are to end.
  var isEnding: Bool {
    vitals.isDraining || isStopped.load(ordering: .sequentiallyConsistent)
  }

  /// Sleeps, on the clock of the process.
  func sleep(_ span: TimeSpan) async throws { try await time.sleep(for: span) }

  /// Why the loop is not alive; nil when it turns.
  var stillness: String? {
    // Who only looks has no loop.
    guard !isObserver else { return nil }
    let silence = vitals.silence(uptime: time.uptime)
    guard silence > HealthReport.heartbeatLimit else { return nil }
    return "the loop has not turned for \(silence.rounded)"
  }

  /// All that is needed to do work. The database is not asked while the process drains, or its storage
  /// refuses.
  func readiness() async throws -> [Readiness] {
    let storage = vitals.storage.flatMap { $0.trouble.haltsTrading ? $0.words : nil }
    let own = Readiness.own(isDraining: vitals.isDraining, storage: storage)
    guard own.allSatisfy({ $0.reason == nil }) else { return own }
    return own
      + (try await reading { [supply, survey, time, database, isObserver] in
        let facts = try supply.reading { survey.look($0, now: time.now) }
        return Readiness.all(of: facts, database: database, isObserver: isObserver)
      })
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
    // The last connection to close must be one that may write.
    if !isObserver { watched.letGo() }
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
