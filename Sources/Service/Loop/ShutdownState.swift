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
