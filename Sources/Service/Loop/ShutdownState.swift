import Domain

/// How far shutdown has come: a value that is told of signals and time, and says what to do.
struct ShutdownState {
  /// What the loop must do.
  enum Action: Equatable {
    /// Stop dispatching; let what runs finish.
    case drain
    /// Ask what runs to stop at its next safe point.
    case interrupt
    /// Leave, whatever still runs.
    case abandon
  }

  /// After an interrupt, jobs have so long to reach a safe point.
  static let interruptGrace = TimeSpan.seconds(10)

  private let drainTimeout: TimeSpan
  private var drainingSince: TimeSpan?
  private var interruptedSince: TimeSpan?
  private var isAbandoned = false

  /// A shutdown that lets jobs run on for so long.
  init(drainTimeout: TimeSpan) { self.drainTimeout = drainTimeout }

  /// Whether shutdown has begun.
  var isDraining: Bool { drainingSince != nil }

  /// Whether jobs were asked to stop before they were done.
  var isInterrupted: Bool { interruptedSince != nil }

  /// The uptime at which `tick` has something to do next.
  var nextDeadline: TimeSpan? {
    if isAbandoned { return nil }
    return interruptedSince.map { $0 + Self.interruptGrace }
      ?? drainingSince.map { $0 + drainTimeout }
  }

  /// What a stop waits for.
  struct Unfinished: Equatable {
    /// Runs of this process under way.
    var own: Int
    /// Runs by hand of other processes that live, on the same database.
    var others: Int
    /// What the ledger must still be told, and takes: what a storage that refuses keeps back is made
    /// anew by the next start.
    var records: Int
  }

  /// Whether shutdown has begun and nothing is left to wait for.
  func isOver(_ left: Unfinished) -> Bool {
    isDraining && left == Unfinished(own: 0, others: 0, records: 0)
  }

  /// The longest sleep of a loop whose uptime is this: while it drains, runs by hand of other processes
  /// are looked at every second.
  func sleepLimit(at uptime: TimeSpan, longest: TimeSpan) -> TimeSpan {
    guard isDraining else { return longest }
    let deadline = nextDeadline.map { $0 - uptime } ?? .seconds(1)
    return min(.seconds(1), max(deadline, .milliseconds(10)))
  }

  /// SIGTERM or SIGINT came: the first drains, the second interrupts.
  mutating func signal(at uptime: TimeSpan) -> Action? {
    if drainingSince == nil {
      drainingSince = uptime
      return .drain
    }
    guard interruptedSince == nil else { return nil }
    interruptedSince = uptime
    return .interrupt
  }

  /// Time has passed.
  mutating func tick(at uptime: TimeSpan) -> Action? {
    if let interruptedSince {
      guard !isAbandoned, uptime - interruptedSince >= Self.interruptGrace else { return nil }
      isAbandoned = true
      return .abandon
    }
    guard let drainingSince, uptime - drainingSince >= drainTimeout else { return nil }
    interruptedSince = uptime
    return .interrupt
  }
}
