public import Domain
import StrictYAML

/// What health says of what a person may have meant.
public struct HealthSettings: Hashable, Sendable {
  /// What a check says.
  public enum Answer: String, CaseIterable, Sendable {
    /// All is well.
    case pass
    /// Somebody should look.
    case warn
    /// Work is not being done: a supervisor that goes by it restarts, or turns traffic away.
    case fail
  }

  /// What is said while trading is halted.
  public var whenHalted = Answer.warn

  /// For how long a clock that is not to be trusted is a warning; then jobs that place orders have waited
  /// too long, and health fails.
  public var clockGrace = Self.standardClockGrace

  /// How long that is unless said.
  public static let standardClockGrace = TimeSpan.minutes(5)

  /// The standard.
  public init() {}

  init(_ reader: MappingReader) {
    whenHalted = reader.choice("when-halted") ?? .warn
    clockGrace = reader.span("clock-grace", in: .zero ... .hours(24)) ?? clockGrace
    reader.finish()
  }
}
