public import Domain

/// One mistake in a text file: where it stands, what is wrong, and how to mend it.
public struct Diagnostic: Hashable, Sendable {
  /// How bad a mistake is.
  public enum Severity: String, Sendable {
    /// The file cannot be used.
    case error
    /// The file can be used, but probably does not say what was meant.
    case warning
  }

  /// How bad it is.
  public var severity: Severity
  /// Where it starts.
  public var location: SourceLocation
  /// How many characters to underline, at least 1.
  public var length: Int
  /// What is wrong, without a full stop.
  public var message: String
  /// How to mend it, shown behind the caret; nil when the message says all.
  public var mend: String?

  /// Whether what stands there is a secret: then it is quoted with asterisks.
  public var isSecret = false

  /// A mistake of these parts.
  public init(
    _ severity: Severity = .error, at location: SourceLocation, length: Int = 1, _ message: String,
    mend: String? = nil
  ) {
    self.severity = severity
    self.location = location
    self.length = max(1, length)
    self.message = message
    self.mend = mend
  }

  /// An error about a whole node of a document.
  public init(
    _ severity: Severity = .error, at node: YAMLNode, _ message: String, mend: String? = nil
  ) {
    self.init(severity, at: node.location, length: node.length, message, mend: mend)
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `schedules.yaml:3:1: error: unknown key "timzone"; did you mean "timezone"?` on one line.
  public var description: String {
    let tail = mend.map { "; \($0)" } ?? ""
    return "\(location): \(severity.rawValue): \(message)\(tail)"
  }
}
