import Domain
import Glibc
import Jobs
import Logging
import Scheduler
import Service
import Settings
import Store
import StrictYAML
import Synchronization

/// The service as `carillon run` has it, with jobs that do nothing but note when they started: the
/// database on disk, each claim durable before its run starts, each end durable before the next.
struct ServiceLoad {
  var jobs: Int
  /// Whether first slots are spread over a minute, or all at once.
  var isSpread: Bool
  /// How many runs to wait for.
  var runs: Int
  var workers: Int
  var folder: String
  var period: TimeSpan

  /// Runs until all have started, and prints the figures.
  func run() throws {
    let time = SystemTime()
    let begin = Figures.cpuNanoseconds()
    // Time to read the schedule and to open the database.
    let first = time.now + .seconds(3) + .milliseconds(Int64(jobs))
    let text = schedule(first: first)
    let schedule = try Schedule.parse(text, file: "load.yaml")
    let read = Figures.cpuNanoseconds() - begin
    let database = folder + "/load.db"
    let lock = try ProcessLock.acquire(beside: database, purpose: "benchmark", now: time.now)
    let store = try Store.open(database, mode: .create)
    let notes = StartNotes(runs: runs)
    let log = Logger(label: "benchmark") { _ in
      LineLog(format: .json, level: .info, stream: .output, time: time)
    }
    // The log goes where a supervisor would take it from; the figures go to standard error.
    let process = try ServiceProcess(
      ServiceProcess.Options(
        schedulesPath: folder + "/load.yaml", schedulesText: text, schedule: schedule,
        settings: nil, settingsMistakes: { _ in nil }, workers: workers,
        storageGrace: .minutes(5), stopGrace: nil, version: "benchmark"),
      store: store, lock: lock, catalog: NothingMaker(notes: notes), log: log, flushLog: {})
    guard time.now < first else { fatalError("the first slot has passed: the machine is too slow") }
    let commits = store.commits
    _ = try process.run()
    notes.report(readMicroseconds: read / 1000, commits: store.commits - commits)
    var size = stat()
    guard stat(database, &size) == 0 else { fatalError("no database") }
    Figures.say(
      "{\"bytes\":\(size.st_size),\"runs\":\(try store.read { try $0.runs.totals() }.map(\.runs).reduce(0, +))}"
    )
    try store.close()
    withExtendedLifetime(lock) {}
  }

  private func schedule(first: Instant) -> String {
    var text = "version: 1\njobs:\n"
    for n in 0..<jobs {
      let due = first.milliseconds + (isSpread ? Int64(n * 60_000 / jobs) : 0)
      text +=
        "  job-\(n): { job: compute, every: \(period)/\(due % period.milliseconds)ms }\n"
    }
    return text
  }
}

/// A job that notes when it started, and does nothing.
private struct Nothing: Job {
  let kind = JobKind.compute
  let notes: StartNotes

  func run(_ context: JobContext) async throws -> JobResult {
    notes.started(context.slot)
    return JobResult(summary: "nothing")
  }
}

/// Makes nothing but `Nothing`.
private struct NothingMaker: JobMaker {
  let notes: StartNotes

  func job(
    _ name: JobName, _ kind: JobKind, parameters: YAMLNode?, log: DiagnosticLog
  ) -> (any Job)? {
    Nothing(notes: notes)
  }
}

/// How late each run started.
private final class StartNotes: Sendable {
  private struct State {
    var lateness: [Int64] = []
    var cpuAtFirst: Int64 = 0
    var wallAtFirst: Int64 = 0
    var cpuAtLast: Int64 = 0
    var wallAtLast: Int64 = 0
  }

  private let runs: Int
  private let state: Mutex<State>
  private static let milestones = [10_000, 50_000, 100_000]

  init(runs: Int) {
    self.runs = runs
    var state = State()
    state.lateness.reserveCapacity(runs)
    self.state = Mutex(state)
  }

  /// A run of a slot starts now. The last one ends the process, as a supervisor would.
  func started(_ slot: Instant) {
    let now = Figures.wallNanoseconds()
    let count = state.withLock { state in
      if state.lateness.isEmpty {
        (state.cpuAtFirst, state.wallAtFirst) = (Figures.cpuNanoseconds(), now)
      }
      state.lateness.append(now - slot.milliseconds * 1_000_000)
      (state.cpuAtLast, state.wallAtLast) = (Figures.cpuNanoseconds(), now)
      return state.lateness.count
    }
    if Self.milestones.contains(count) {
      let memory = Figures.memory()
      Figures.say(
        "{\"at\":\(count),\"resident_kb\":\(memory.resident),\"anonymous_kb\":\(memory.anonymous)}")
    }
    if count == runs { kill(getpid(), SIGTERM) }
  }

  func report(readMicroseconds: Int64, commits: Int) {
    state.withLock { state in
      let sorted = state.lateness.sorted()
      let us = { (value: Int64) in value / 1000 }
      Figures.say(
        "{\"started\":\(sorted.count),\"p50_us\":\(us(Figures.quantile(sorted, perMille: 500))),"
          + "\"p99_us\":\(us(Figures.quantile(sorted, perMille: 990))),\"max_us\":\(us(sorted.last ?? 0)),"
          + "\"wall_us\":\(us(state.wallAtLast - state.wallAtFirst)),"
          + "\"cpu_us\":\(us(state.cpuAtLast - state.cpuAtFirst)),\"commits\":\(commits),"
          + "\"us_to_read\":\(readMicroseconds)}")
    }
  }
}
