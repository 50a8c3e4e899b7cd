public import Domain

/// Reads the keys of a mapping into typed values, and notes every mistake in a log instead of
/// stopping at the first.
///
/// Ask for each key that may stand there, then call `finish()`: keys that were not asked for are
/// unknown. A getter returns nil both where a key is absent and where its value is wrong (which is
/// in the log), so that a caller need only supply the default.
public final class MappingReader {
  /// The mapping that is read.
  public let node: YAMLNode
  /// Where mistakes go.
  public let log: DiagnosticLog
  /// What the mapping is, in messages: `job "fetch"`; nil for the file itself.
  public let subject: String?
  private let values: [String: YAMLNode]
  private var known: [String] = []

  /// A reader of a node; one that is no mapping is a mistake and reads as an empty one.
  public init(_ node: YAMLNode, _ subject: String? = nil, log: DiagnosticLog) {
    (self.node, self.subject, self.log) = (node, subject, log)
    if let entries = node.entries {
      let pairs = entries.compactMap { entry in entry.key.text.map { ($0, entry.value) } }
      values = Dictionary(pairs) { first, _ in first }
    } else {
      values = [:]
      let name = subject ?? "the file"
      if !node.isNull {
        log.error(at: node, "\(name) must be a mapping of keys to values, not \(node.noun)")
      }
    }
  }

  /// The entries in the order of the file, for a mapping whose keys are names; all keys become
  /// known.
  public func entries() -> [YAMLNode.Entry] {
    let entries = node.entries ?? []
    known += entries.compactMap(\.key.text)
    return entries
  }

  /// Whether a key stands there, whatever its value.
  public func contains(_ key: String) -> Bool { values[key] != nil }

  /// The value of a key as it stands; nil where it is absent.
  ///
  /// - Parameter required: Whether it is a mistake that the key is absent.
  public func value(_ key: String, required: Bool = false) -> YAMLNode? {
    known.append(key)
    let value = values[key]
    if value == nil, required {
      let place = subject.map { " in \($0)" } ?? ""
      log.error(
        at: node, "`\(key)` is missing\(place)",
        mend: key == "version" ? "add `version: 1` as the first line" : nil)
    }
    return value
  }

  /// The value of a key, read from its text.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - expected: What it must be, in messages: `a span like 5m`.
  ///   - required: Whether it is a mistake that the key is absent.
  ///   - parse: The value of a text, or nil where the text is none.
  public func value<Value>(
    _ key: String, expected: @autoclosure () -> String, required: Bool = false,
    _ parse: (String) -> Value?
  ) -> Value? {
    value(key, required: required).flatMap {
      log.value(of: $0, named: key, expected: expected(), parse)
    }
  }

  /// A text. Plain numbers and truth values are texts too.
  public func string(_ key: String, required: Bool = false) -> String? {
    value(key, expected: "a text", required: required) { $0 }
  }

  /// A text that is not empty.
  public func name(_ key: String, required: Bool = false) -> String? {
    value(key, expected: "a text that is not empty", required: required) { $0.isEmpty ? nil : $0 }
  }

  /// A whole number within bounds, without quotes.
  public func integer(
    _ key: String, in range: ClosedRange<Int> = .min ... .max, required: Bool = false
  ) -> Int? {
    let bounds = range == .min ... .max ? "" : Self.bounds(range)
    return plain(key, expected: "a whole number\(bounds)", required: required) {
      Int($0).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  private static func bounds(_ range: ClosedRange<Int>) -> String {
    range.upperBound == .max
      ? " of at least \(range.lowerBound)" : " from \(range.lowerBound) to \(range.upperBound)"
  }

  /// A finite number within bounds, without quotes.
  public func number(
    _ key: String, in range: ClosedRange<Double>? = nil, required: Bool = false
  ) -> Double? {
    let bounds = range.map { " from \($0.lowerBound) to \($0.upperBound)" } ?? ""
    return plain(key, expected: "a number\(bounds)", required: required) { text in
      guard text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || "+-.eE".utf8.contains($0) }),
        let value = Double(text), value.isFinite, range?.contains(value) ?? true
      else { return nil }
      return value
    }
  }

  /// `true` or `false`, without quotes.
  public func flag(_ key: String, required: Bool = false) -> Bool? {
    plain(key, expected: "true or false", required: required) {
      ["true": true, "false": false][$0]
    }
  }

  /// An exact decimal, plain or in quotes.
  public func amount(_ key: String, required: Bool = false) -> Amount? {
    value(key, expected: "a decimal number like 12.50", required: required) { Amount($0) }
  }

  /// A span within bounds.
  public func span(
    _ key: String, in range: ClosedRange<TimeSpan>? = nil, required: Bool = false
  ) -> TimeSpan? {
    let node = value(key, required: required)
    func bounds() -> String {
      if let range { return " from \(range.lowerBound) to \(range.upperBound)" }
      let isTooLong = node?.text.map { TimeSpan.isTooLong($0) } ?? false
      return isTooLong ? " of at most \(TimeSpan.longest)" : ""
    }
    if let node, let text = node.text, Int(text) != nil, text != "0" {
      log.error(
        at: node, "`\(key)` must be a span\(bounds()) with its unit, not `\(text.prefix(60))`",
        mend: "write `\(text.prefix(60))s` for seconds, `\(text.prefix(60))m` for minutes")
      return nil
    }
    return node.flatMap {
      log.value(
        of: $0, named: key, expected: "a span\(bounds()) like 90s, 5m or 1h30m"
      ) { text in TimeSpan(text).flatMap { range?.contains($0) ?? true ? $0 : nil } }
    }
  }

  /// An instant with its zone.
  public func instant(_ key: String, required: Bool = false) -> Instant? {
    value(key, expected: "a time like 2026-03-08T07:00:00Z", required: required) {
      Instant(rfc3339: $0)
    }
  }

  /// The name of a job.
  public func jobName(_ key: String, required: Bool = false) -> JobName? {
    value(key, expected: JobName.rule, required: required) { JobName($0) }
  }

  /// One of the cases of an enumeration, by its text.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type = Choice.self, required: Bool = false
  ) -> Choice? where Choice.RawValue == String {
    value(key, required: required).flatMap { log.choice(of: $0, named: key, type) }
  }

  /// The elements of a list; a text or a mapping alone counts as a list of one.
  public func list(_ key: String, required: Bool = false) -> [YAMLNode]? {
    guard let value = value(key, required: required) else { return nil }
    switch value.content {
    case .sequence(let elements): return elements
    case .scalar, .mapping: return [value]
    case .null:
      log.missing(value, named: key)
      return nil
    }
  }

  /// A list of texts, or one text alone.
  public func strings(_ key: String, required: Bool = false) -> [String]? {
    list(key, required: required)?.compactMap {
      log.value(of: $0, named: key, expected: "a text") { $0 }
    }
  }

  /// The reader of a mapping in this one.
  ///
  /// - Parameter subject: What it is, in messages; its path of keys unless given.
  public func mapping(
    _ key: String, _ subject: String? = nil, required: Bool = false
  ) -> MappingReader? {
    guard let value = value(key, required: required) else { return nil }
    guard !value.isNull else {
      log.missing(value, named: key)
      return nil
    }
    let path = self.subject.map { "`\(key)` of \($0)" } ?? "`\(key)`"
    return MappingReader(value, subject ?? path, log: log)
  }

  /// Notes each key that nobody asked for, with the nearest one that may stand there.
  public func finish() {
    for entry in node.entries ?? [] {
      guard let key = entry.key.text, !known.contains(key) else { continue }
      let place = subject.map { " in \($0)" } ?? ""
      let mend: String
      if let near = Spelling.nearest(key, among: known) {
        mend = "did you mean `\(near)`?"
      } else {
        mend = "known are \(known.map { "`\($0)`" }.joined(separator: ", "))"
      }
      log.error(at: entry.key, "unknown key `\(key)`\(place)", mend: mend)
    }
  }

  /// A value that must be written without quotes.
  private func plain<Value>(
    _ key: String, expected: @autoclosure () -> String, required: Bool,
    _ parse: (String) -> Value?
  ) -> Value? {
    guard let value = value(key, required: required) else { return nil }
    if case .scalar(let text, .quoted) = value.content, parse(text) != nil {
      log.error(
        at: value, "`\(key)` must be \(expected()), not a text", mend: "write it without quotes")
      return nil
    }
    return log.value(of: value, named: key, expected: expected(), parse)
  }
}

extension JobName {
  /// What a name must be, in messages.
  public static let rule =
    "a lower-case letter, then lower-case letters, digits and hyphens, "
    + "at most \(JobName.maximumLengthCharacters) characters"
}
