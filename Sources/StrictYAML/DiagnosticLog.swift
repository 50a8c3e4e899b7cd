import Domain

/// Collects the mistakes of one file while it is read, so that all of them are told at once.
///
/// A class, because the readers of a mapping and of the mappings in it write to one log; it lives
/// only while a file is read.
public final class DiagnosticLog {
  private var items: [Diagnostic] = []

  /// After so many mistakes further ones are dropped.
  public static let maximumMistakes = 200

  /// An empty log.
  public init() {}

  /// All mistakes so far, sorted by place.
  public var diagnostics: Diagnostics { Diagnostics(items) }

  /// Whether the file cannot be used.
  public var hasErrors: Bool { items.contains { $0.severity == .error } }

  /// Notes a mistake; one that is known already (settings that several jobs share) is told once.
  public func add(_ item: Diagnostic) {
    if items.count < Self.maximumMistakes, !items.contains(item) { items.append(item) }
  }

  /// Notes an error about a node.
  public func error(at node: YAMLNode, _ message: String, mend: String? = nil) {
    add(Diagnostic(.error, at: node, message, mend: mend))
  }

  /// Notes an error about a node that is a secret, so that nobody who tells of it quotes it.
  public func error(atSecret node: YAMLNode, _ message: String, mend: String? = nil) {
    var item = Diagnostic(.error, at: node, message, mend: mend)
    item.isSecret = true
    add(item)
  }

  /// Notes a warning about a node.
  public func warning(at node: YAMLNode, _ message: String, mend: String? = nil) {
    add(Diagnostic(.warning, at: node, message, mend: mend))
  }
}

extension DiagnosticLog {
  /// The value of a scalar, or nil and a mistake.
  ///
  /// - Parameter expected: What it must be, in messages; asked for only when there is a mistake.
  public func value<Value>(
    of node: YAMLNode, named key: String, expected: @autoclosure () -> String,
    _ parse: (String) -> Value?
  ) -> Value? {
    guard !node.isNull else {
      missing(node, named: key)
      return nil
    }
    guard let text = node.text else {
      error(at: node, "`\(key)` must be \(expected()), not \(node.noun)")
      return nil
    }
    if let value = parse(text) { return value }
    let expected = expected()
    let booleans = ["yes", "no", "on", "off", "True", "False", "TRUE", "FALSE"]
    let mend =
      expected == "true or false" && booleans.contains(text)
      ? "write `\(["yes", "on", "True", "TRUE"].contains(text))`" : nil
    error(at: node, "`\(key)` must be \(expected), not `\(Self.shortened(text))`", mend: mend)
    return nil
  }

  /// One of the cases of an enumeration, or nil and a mistake that names the nearest.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    of node: YAMLNode, named key: String, _ type: Choice.Type = Choice.self
  ) -> Choice? where Choice.RawValue == String {
    if let choice = node.text.flatMap(Choice.init) { return choice }
    let all = Choice.allCases.map(\.rawValue)
    let expected = all.count == 1 ? all[0] : "one of " + all.joined(separator: ", ")
    if let text = node.text, let near = Spelling.nearest(text, among: all) {
      error(
        at: node, "`\(key)` must be \(expected), not `\(Self.shortened(text))`",
        mend: "did you mean `\(near)`?")
      return nil
    }
    return value(of: node, named: key, expected: expected) { Choice(rawValue: $0) }
  }

  /// Notes that a key has no value.
  func missing(_ node: YAMLNode, named key: String) {
    error(at: node, "`\(key)` has no value", mend: "give it one, or remove the key")
  }

  /// A text that fits into a message.
  private static func shortened(_ text: String) -> String {
    text.count <= 60 ? text : text.prefix(60) + "..."
  }
}
