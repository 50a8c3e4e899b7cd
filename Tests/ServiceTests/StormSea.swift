import Domain
import Jobs
import StrictYAML
import Synchronization

@testable import Store

/// Draws of a seed (SplitMix64).
struct StormDraws {
  var state: UInt64

  mutating func value(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}

/// What surrounds the service in a storm: the clocks, which pass only when told to and when somebody
/// waits for a while, and what the storage and the jobs will do next.
final class Sea: TimeSource {
  /// The process dies here.
  struct Crash: Error {}

  private struct State {
    var now: Instant {
      didSet { highest = max(highest, now) }
    }
    /// The latest that the clock has ever shown.
    var highest: Instant
    var uptime = TimeSpan.seconds(1000)
    var refusal: (trouble: StorageTrouble, until: TimeSpan)?
    var crash: (isBefore: Bool, commits: Int)?
    var nextRuns: [Storm.Misfortune] = []
    var isDatabaseAway = false
    var isStopWanted = false
    var isCalm = false
  }

  private let state: Mutex<State>

  init(start: Instant) { state = Mutex(State(now: start, highest: start)) }

  var now: Instant { state.withLock { $0.now } }
  var uptime: TimeSpan { state.withLock { $0.uptime } }
  /// The latest that the clock has ever shown, also while jobs and waits let it pass within a turn.
  var highest: Instant { state.withLock { $0.highest } }

  /// Who waits less than a minute lets that time pass; who waits longer, for a time-out, waits for its
  /// end.
  func sleep(for span: TimeSpan) async throws {
    guard span >= .minutes(1) else { return pass(span) }
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in stream {}
    withExtendedLifetime(continuation) {}
    throw CancellationError()
  }

  func pass(_ span: TimeSpan) {
    state.withLock {
      $0.now = $0.now + span
      $0.uptime = $0.uptime + span
    }
  }

  /// The wall clock is set.
  func step(_ span: TimeSpan) { state.withLock { $0.now = $0.now + span } }

  func refuse(_ trouble: StorageTrouble, for span: TimeSpan) {
    state.withLock { $0.refusal = (trouble, $0.uptime + span) }
  }

  func crash(beforeCommit isBefore: Bool, after commits: Int) {
    state.withLock { $0.crash = (isBefore, commits) }
  }

  func forgetCrash() { state.withLock { $0.crash = nil } }

  func calm() {
    state.withLock {
      ($0.refusal, $0.crash, $0.nextRuns) = (nil, nil, [])
      ($0.isCalm, $0.isStopWanted) = (true, false)
    }
  }

  var isCalm: Bool { state.withLock { $0.isCalm } }

  var nextRuns: [Storm.Misfortune] {
    get { state.withLock { $0.nextRuns } }
    set { state.withLock { $0.nextRuns = newValue } }
  }

  var isDatabaseAway: Bool {
    get { state.withLock { $0.isDatabaseAway } }
    set { state.withLock { $0.isDatabaseAway = newValue } }
  }

  var isStopWanted: Bool {
    get { state.withLock { $0.isStopWanted } }
    set { state.withLock { $0.isStopWanted = newValue } }
  }

  /// What the next run meets, if anything.
  func nextRun() -> Storm.Misfortune? {
    state.withLock { $0.nextRuns.isEmpty ? nil : $0.nextRuns.removeFirst() }
  }

  /// What commits meet.
  var faults: CommitFaults {
    CommitFaults(
      before: { [self] in
        let (refusal, isCrash) = state.withLock { state in
          (state.refusal.flatMap { $0.until > state.uptime ? $0.trouble : nil }, due(&state, true))
        }
        if isCrash { throw Crash() }
        guard let refusal else { return }
        throw Fault(
          "write to", "the sea", cause: "\(refusal)", exit: refusal == .busy ? .tryAgain : .io,
          isTransient: refusal == .busy, storage: refusal)
      },
      after: { [self] in
        if state.withLock({ due(&$0, false) }) { throw Crash() }
      })
  }

  /// Whether the process dies at this commit.
  private func due(_ state: inout State, _ isBefore: Bool) -> Bool {
    guard let crash = state.crash, crash.isBefore == isBefore else { return false }
    guard crash.commits == 0 else {
      state.crash?.commits -= 1
      return false
    }
    return true
  }
}

/// A job that does what the storm has drawn for it, and writes when it is done.
struct Crew: Job {
  let kind: JobKind
  let sea: Sea

  func run(_ context: JobContext) async throws -> JobResult {
    switch sea.nextRun() {
    case .transient?:
      throw Fault("ask", "the venue", cause: "HTTP 503", exit: .unavailable, isTransient: true)
    case .permanent?: throw Fault("ask", "the venue", cause: "no such symbol", exit: .data)
    case .slow?: sea.pass(.minutes(3))
    default: sea.pass(.milliseconds(200))
    }
    let slot = context.slot
    return JobResult(summary: "done") { try $0.audit.append("crew", "\(slot)") }
  }
}

/// Makes the jobs of a storm.
struct CrewMaker: JobMaker {
  let sea: Sea

  func job(
    _ name: JobName, _ kind: JobKind, parameters: YAMLNode?, log: DiagnosticLog
  ) -> (any Job)? {
    Crew(kind: kind, sea: sea)
  }
}
