/// Every error that reaches a user: which operation failed, on what, why, and what to do next.
///
/// The text never holds a secret or a bound value of a database statement.
public struct Fault: Error, Hashable, Sendable {
  /// What was being done, as a verb phrase: `read candles`, `open the database`.
  public var operation: String
  /// What it was done to: a file, a job, a series.
  public var subject: String
  /// Why it failed.
  public var cause: String
  /// What the user can do about it, preferably a command; nil when nothing can be said.
  public var remedy: String?
  /// The exit code of a command that ends with this fault.
  public var exit: ExitCode
  /// Whether the same attempt may succeed later without anyone's help, so that a retry makes sense.
  public var isTransient: Bool
  /// The place in a file, when there is one.
  public var location: SourceLocation?
  /// The earliest time at which a retry makes sense, as the other side asked (`Retry-After`).
  public var retryAfter: TimeSpan?
  /// What ails the database's storage, when that is why: it concerns all that the process does, and
  /// not this operation alone.
  public var storage: StorageTrouble?

  /// A fault of these parts.
  public init(
    _ operation: String, _ subject: String, cause: String, remedy: String? = nil, exit: ExitCode,
    isTransient: Bool = false, location: SourceLocation? = nil, retryAfter: TimeSpan? = nil,
    storage: StorageTrouble? = nil
  ) {
    self.operation = operation
    self.subject = subject
    self.cause = cause
    self.remedy = remedy
    self.exit = exit
    self.isTransient = isTransient
    self.location = location
    self.retryAfter = retryAfter
    self.storage = storage
  }
}

extension Fault: CustomStringConvertible {
  /// `schedules.yaml:6:11: cannot read schedules: ...` on one line, without the remedy.
  public var description: String {
    let place = location.map { "\($0): " } ?? ""
    return "\(place)cannot \(operation) \(subject): \(cause)"
  }
}
