/// What follows a run that failed (`on-failure`).
public struct FailureResponse: Hashable, Sendable {
  /// How loud an alert is.
  public enum Severity: String, CaseIterable, Sendable {
    /// For the record.
    case info
    /// For the day.
    case warning
    /// For the night.
    case critical
  }

  /// The channels to tell; nil for those of the configuration.
  public var notify: [String]?
  /// How loud.
  public var severity: Severity?
  /// Trading halts after so many failures in a row.
  public var haltAfter: Int?

  /// A response of these parts.
  public init(notify: [String]? = nil, severity: Severity? = nil, haltAfter: Int? = nil) {
    (self.notify, self.severity, self.haltAfter) = (notify, severity, haltAfter)
  }
}
