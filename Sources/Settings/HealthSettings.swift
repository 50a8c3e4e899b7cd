import Domain
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

  /// The standard.
  public init() {}

  init(_ reader: MappingReader) {
    whenHalted = reader.choice("when-halted") ?? .warn
    reader.finish()
  }
}
