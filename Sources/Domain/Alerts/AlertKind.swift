/// What people are told of, by what it is about.
///
/// The one table of how loud each is and how it ends. The raw values are in the database, in keys and in
/// messages.
public enum AlertKind: String, CaseIterable, Sendable {
  /// A run of a job failed or timed out, after all attempts.
  case jobFailed = "job-failed"
  /// A job has not succeeded in time: late at first, stale once its grace is over.
  case jobStale = "job-stale"
  /// Slots of a job were too late to run.
  case jobMissed = "job-missed"
  /// Trading is halted.
  case halt
  /// It is not known whether an order is at the venue.
  case doubt
  /// What the venue says and what the books say cannot be brought together.
  case reconcile
  /// A limit of risk is passed.
  case risk
  /// The database refuses what is to be written.
  case storage
  /// The disk of the database fills.
  case disk
  /// The wall clock is not to be trusted.
  case clock
  /// The newest candle is older than it may be.
  case data
  /// A venue has shut this address out.
  case ban
  /// Candles are missing between those that a fetch brought.
  case candleGaps = "candle-gaps"
  /// A job gives its scores by another model than before.
  case modelSwapped = "model-swapped"
  /// The model's file is no good: the one before it stays.
  case modelRefused = "model-refused"
  /// The schedules file as it stands cannot be followed.
  case schedule
  /// The settings file as it stands is not what was read of it, or cannot be read.
  case settings
  /// The loop of the scheduler does not turn.
  case scheduler
  /// A channel of messages does not take them.
  case channel
  /// Copies of snapshots do not leave this machine, or do not come back.
  case snapshotRemote = "snapshot-remote"
  /// The database's log is not shipped, or not sent away.
  case shipping
  /// The service has started.
  case serviceStarted = "service-started"
  /// The service has started again after an end without a word.
  case serviceCrashed = "service-crashed"
  /// The service was told to stop.
  case serviceStopping = "service-stopping"
  /// The service has stopped.
  case serviceStopped = "service-stopped"
  /// A person asked for a message to see whether it arrives.
  case test

  /// How an alert of a kind ends.
  public enum Life: Sendable {
    /// When its cause is over, which is told too.
    case recovers
    /// When a person acknowledges it: nothing else says that somebody has looked.
    case staysUntilAcknowledged
    /// At once: it tells what has happened.
    case isNote
  }

  /// How loud it is unless its cause says otherwise, and how it ends.
  public var rule: (severity: AlertSeverity, life: Life) {
    switch self {
    case .jobFailed: (.warning, .recovers)
    case .jobStale: (.critical, .recovers)
    case .jobMissed: (.warning, .isNote)
    case .halt: (.warning, .recovers)
    case .doubt: (.critical, .recovers)
    case .reconcile: (.critical, .staysUntilAcknowledged)
    case .risk: (.critical, .recovers)
    case .storage: (.critical, .recovers)
    case .disk: (.warning, .recovers)
    case .clock: (.warning, .recovers)
    case .data: (.critical, .recovers)
    case .ban: (.warning, .recovers)
    case .candleGaps: (.warning, .isNote)
    case .modelSwapped: (.info, .isNote)
    case .modelRefused: (.warning, .recovers)
    case .schedule: (.warning, .recovers)
    case .settings: (.warning, .recovers)
    case .scheduler: (.critical, .recovers)
    case .channel: (.warning, .recovers)
    case .snapshotRemote: (.warning, .recovers)
    case .shipping: (.warning, .recovers)
    case .serviceStarted: (.info, .isNote)
    case .serviceCrashed: (.critical, .isNote)
    case .serviceStopping: (.info, .isNote)
    case .serviceStopped: (.info, .isNote)
    case .test: (.info, .isNote)
    }
  }

  /// Whether it is seen by looking at the state of things, again and again, and not told by a
  /// transaction that causes it.
  public var isObserved: Bool {
    switch self {
    case .jobStale, .halt, .storage, .disk, .clock, .data, .ban, .schedule, .settings, .scheduler,
      .shipping:
      true
    case .jobFailed, .jobMissed, .doubt, .reconcile, .risk, .candleGaps, .modelSwapped,
      .modelRefused, .channel, .snapshotRemote, .serviceStarted, .serviceCrashed, .serviceStopping,
      .serviceStopped, .test:
      false
    }
  }

  /// What it is called where people read.
  public var title: String {
    switch self {
    case .jobFailed: "Job failed"
    case .jobStale: "Job late or stale"
    case .jobMissed: "Slots missed"
    case .halt: "Trading is halted"
    case .doubt: "Order in doubt"
    case .reconcile: "Books and venue differ"
    case .risk: "Limit of risk passed"
    case .storage: "The database refuses"
    case .disk: "Disk space"
    case .clock: "Clock not trusted"
    case .data: "Candles are old"
    case .ban: "Venue shuts us out"
    case .candleGaps: "Candles are missing"
    case .modelSwapped: "Model swapped"
    case .modelRefused: "Model refused"
    case .schedule: "Schedule rejected"
    case .settings: "Settings changed"
    case .scheduler: "Scheduler stands still"
    case .channel: "Channel does not deliver"
    case .snapshotRemote: "Snapshots do not leave, or do not come back"
    case .shipping: "The database's log is not shipped"
    case .serviceStarted: "Service started"
    case .serviceCrashed: "Service came back after a crash"
    case .serviceStopping: "Service is stopping"
    case .serviceStopped: "Service stopped"
    case .test: "Test message"
    }
  }
}

/// How loud an alert is: the words of `on-failure: { severity }`.
public typealias AlertSeverity = FailureResponse.Severity

extension FailureResponse.Severity: Comparable {
  /// Orders from quiet to loud.
  public static func < (a: Self, b: Self) -> Bool { a.loudness < b.loudness }

  private var loudness: Int {
    switch self {
    case .info: 0
    case .warning: 1
    case .critical: 2
    }
  }
}
