public import Domain

/// When to fire, in the five fields of cron or as `@every`: `30 9 * * mon-fri`.
///
/// Daylight saving is dealt with as Debian's cron does, classifying by text. In a *wildcard*
/// expression the minute or the hour begins with `*`: it fires at every real minute at which the
/// local clock matches, so it skips what the clock skips and runs again in what the clock repeats.
/// Every other expression is *fixed*: each local time fires once, the times that the clock jumps
/// over together at the first instant after the jump, the repeated ones in the first pass. A jump
/// of more than three hours is a correction of the clock, and the times in it are dropped.
public struct CronExpression: Sendable {
  /// The longest text that is read.
  public static let maximumLengthCharacters = 1000

  /// The expression as it was written.
  public let text: String
  /// What is legal but often a mistake.
  public let warnings: [CronWarning]

  let rule: Rule
  /// The five fields, for the words; empty for `@every`.
  let sets: [CronFieldSet]

  enum Rule: Sendable {
    case fields(CronFields)
    case every(Every)
  }

  /// Reads an expression.
  public init(_ text: some StringProtocol) throws(CronSyntaxError) {
    var parser = CronParser(text)
    rule = try parser.parse()
    self.text = String(text)
    warnings = parser.warnings
    sets = parser.sets
  }

  /// The first fire strictly after an instant, with the fields on the clocks of a zone; nil when
  /// there is none before the year 10000.
  public func next(after time: Instant, in zone: Zone) -> Instant? {
    switch rule {
    case .fields(let fields): fields.next(after: time, in: zone)
    case .every(let every): every.next(after: time)
    }
  }

  /// The last fire strictly before an instant; nil when there is none after the year 0.
  public func previous(before time: Instant, in zone: Zone) -> Instant? {
    switch rule {
    case .fields(let fields): fields.previous(before: time, in: zone)
    case .every(let every): every.previous(before: time)
    }
  }

  /// What fires, in words: `at 09:30, on Mondays to Fridays`.
  public var words: String {
    switch rule {
    case .fields: CronWords.sentence(sets)
    case .every(let every): every.words
    }
  }

  /// Whether the minute or the hour begins with `*`, so that the expression follows the clock
  /// through its changes instead of firing once for each local time.
  public var isWildcard: Bool {
    if case .fields(let fields) = rule { fields.isWildcard } else { false }
  }

  /// The text in lower case with single spaces: what decides when it fires, and nothing else.
  public var timing: String {
    text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

extension CronExpression: Hashable {
  /// Whether the texts are equal.
  public static func == (a: CronExpression, b: CronExpression) -> Bool { a.text == b.text }

  /// Feeds the text.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension CronExpression: CustomStringConvertible {
  /// The text.
  public var description: String { text }
}
