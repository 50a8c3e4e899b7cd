/// What put a slot or a run into its state, for programs. The sentence beside it (`RunReason`) is for
/// people, and nothing is decided by its words.
public enum RunCause: String, CaseIterable, Sendable, CustomStringConvertible {
  /// It is owed, and waits for nothing but its turn.
  case waiting
  /// A person ended it.
  case cancelled
  /// Its job was paused.
  case paused
  /// Its latest start had passed, or it was not to be caught up.
  case late
  /// A newer slot stands for it, or too many waited.
  case superseded
  /// The slot before it was still running.
  case overlap
  /// The job that it follows did not succeed.
  case parent
  /// Its job is in the schedule no more.
  case removed
  /// What it needs was not fresh.
  case stale
  /// The process was told to stop.
  case stopping
  /// Its process ended under it.
  case died
  /// It was begun under a clock that was ahead.
  case clock
  /// It took longer than its time-out.
  case timeOut = "time-out"
  /// Its last attempt came to grief.
  case fault

  /// The text in the database and on the screen.
  public var description: String { rawValue }
}

/// Why a slot or a run is in its state.
public struct RunReason: Hashable, Sendable, CustomStringConvertible {
  /// For programs.
  public var cause: RunCause
  /// For people.
  public var words: String

  /// A reason.
  public init(_ cause: RunCause, _ words: String) { (self.cause, self.words) = (cause, words) }

  /// What a person ended.
  ///
  /// - Parameter why: the person's own words, if any were given.
  public static func cancelled(_ why: String?) -> RunReason {
    RunReason(.cancelled, why.map { "cancelled by hand: \($0)" } ?? "cancelled by hand")
  }

  /// For people.
  public var description: String { words }
}
