/// Something that a person is told: what, about what, how loud, and what to do.
public struct Alert: Hashable, Sendable {
  /// What kind of thing.
  public var kind: AlertKind
  /// What it is about: a job, an order, a channel; nil where there is only one.
  public var subject: String?
  /// How loud.
  public var severity: AlertSeverity
  /// What happened, in one line.
  public var text: String
  /// What to do next, preferably a command.
  public var remedy: String?
  /// The channels to tell; nil: those that want it.
  public var channels: [String]?

  /// The longest text that is kept, in characters: the beginning tells most.
  public static let longestTextCharacters = 1000

  /// An alert of these parts; its severity is the kind's unless given.
  public init(
    _ kind: AlertKind, of subject: String? = nil, severity: AlertSeverity? = nil, _ text: String,
    remedy: String? = nil, channels: [String]? = nil
  ) {
    (self.kind, self.subject, self.remedy) = (kind, subject, remedy)
    (self.severity, self.channels) = (severity ?? kind.rule.severity, channels)
    self.text = Self.line(text)
  }

  /// By what alerts are told apart: of a key at most one is open.
  public var key: String { Self.key(kind, subject) }

  /// `job-failed:fetch`, `halt`.
  public static func key(_ kind: AlertKind, _ subject: String?) -> String {
    subject.map { "\(kind.rawValue):\($0)" } ?? kind.rawValue
  }

  /// A text on one line that no terminal and no reader takes for more than words: control characters,
  /// and those that turn the direction of writing, become spaces; it is cut where it is too long.
  public static func line(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(isHarmless(scalar) ? scalar : " ")
    }
    let words = String(result).split(separator: " ").joined(separator: " ")
    guard words.count > longestTextCharacters else { return words }
    return words.prefix(longestTextCharacters - 1) + "…"
  }

  /// Whether a scalar is text and nothing else.
  public static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF,
      0xFFF9...0xFFFB:
      false
    default: true
    }
  }
}
