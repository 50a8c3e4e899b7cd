public import Domain

/// One line of `carillon doctor`: what was looked at, and how it stands.
public struct DoctorLine: Hashable, Sendable {
  /// How it stands.
  public enum Verdict: Hashable, Sendable {
    /// All is well; the figure that shows it.
    case well(String)
    /// Nothing is broken, but a person should know, or confirm what cannot be asked for.
    case doubtful(String, remedy: String)
    /// It is not well: why, and what to do.
    case ill(String, remedy: String)
  }

  /// What was looked at, in a few words.
  public var what: String
  /// How it stands.
  public var verdict: Verdict

  /// A line of these parts.
  public init(_ what: String, _ verdict: Verdict) { (self.what, self.verdict) = (what, verdict) }

  /// The line of a fault.
  public init(_ what: String, _ fault: Fault) {
    self.init(what, .ill("\(fault)", remedy: fault.remedy ?? "carillon check"))
  }

  /// The line for people: `✓ what: figure`, `✗ what: why, what to do`.
  public var text: String {
    switch verdict {
    case .well(let figure): "✓ \(what): \(figure)"
    case .doubtful(let why, let remedy): "? \(what): \(why), \(remedy)"
    case .ill(let why, let remedy): "✗ \(what): \(why), \(remedy)"
    }
  }

  /// Whether it is not well; in a check-list for production a doubt is as bad.
  public func fails(inProduction: Bool) -> Bool {
    switch verdict {
    case .well: false
    case .doubtful: inProduction
    case .ill: true
    }
  }

  fileprivate var json: JSONValue {
    let (status, text, remedy): (String, String, String?) =
      switch verdict {
      case .well(let figure): ("pass", figure, nil)
      case .doubtful(let why, let remedy): ("warn", why, remedy)
      case .ill(let why, let remedy): ("fail", why, remedy)
      }
    return .object([
      .init("what", .string(what)), .init("status", .string(status)), .init("text", .string(text)),
      .init("remedy", .text(remedy)),
    ])
  }
}

/// What `carillon doctor` found.
public struct DoctorReport: Sendable {
  /// The lines, in the order in which they were looked at.
  public var lines: [DoctorLine] = []
  /// Whether this is the check-list for production, in which a doubt fails.
  public var isForProduction: Bool

  /// A report without lines.
  public init(isForProduction: Bool) { self.isForProduction = isForProduction }

  /// 0 when all is well, 1 when something is not.
  public var exit: ExitCode {
    lines.contains { $0.fails(inProduction: isForProduction) } ? .no : .done
  }

  /// The report for machines.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.doctor/1")), .init("well", .bool(exit == .done)),
      .init("checklist", isForProduction ? .string("production") : .null),
      .init("lines", .array(lines.map(\.json))),
    ])
  }
}
