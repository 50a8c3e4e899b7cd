public import Domain

/// A value of a document, with its place: what `YAMLDocument.parse` returns.
public struct YAMLNode: Hashable, Sendable {
  /// How a scalar was written.
  public enum Style: Hashable, Sendable {
    /// Without quotes: numbers and truth values are read from these only.
    case plain
    /// In quotes, or as a block (`|`, `>`): always text.
    case quoted
  }

  /// One key of a mapping with its value.
  public struct Entry: Hashable, Sendable {
    /// The key, always a scalar.
    public var key: YAMLNode
    /// Its value.
    public var value: YAMLNode

    /// A key and its value.
    public init(key: YAMLNode, value: YAMLNode) { (self.key, self.value) = (key, value) }
  }

  /// What a node holds.
  public indirect enum Content: Hashable, Sendable {
    /// A text; whoever reads it decides what it means.
    case scalar(String, Style)
    /// A list.
    case sequence([YAMLNode])
    /// Keys and values in the order of the file, each key once.
    case mapping([Entry])
    /// Nothing, `~` or `null`.
    case null
  }

  /// What it holds.
  public var content: Content
  /// Where it starts; for a quoted text, at the quote.
  public var location: SourceLocation
  /// Characters to underline: the whole scalar with its quotes, or 1 for lists and mappings.
  public var length: Int

  /// A node of these parts.
  public init(_ content: Content, at location: SourceLocation, length: Int = 1) {
    (self.content, self.location, self.length) = (content, location, length)
  }

  /// The text of a scalar; nil for everything else.
  public var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// Whether it is `null`, `~` or nothing at all.
  public var isNull: Bool { content == .null }

  /// The entries of a mapping; nil for everything else.
  public var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// The elements of a list; nil for everything else.
  public var elements: [YAMLNode]? {
    if case .sequence(let elements) = content { elements } else { nil }
  }

  /// The value of a key of a mapping; nil where there is none.
  public subscript(_ key: String) -> YAMLNode? {
    entries?.first { $0.key.text == key }?.value
  }

  /// What it is, in a message: `a text`, `a list`, `a mapping`, `nothing`.
  public var noun: String {
    switch content {
    case .scalar: "a text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .null: "nothing"
    }
  }

  /// The place of a character of the text of a scalar, counted from 0, for messages about a part of
  /// it. Exact for texts on one line without escapes.
  public func location(ofCharacter index: Int) -> SourceLocation {
    var place = location
    if case .scalar(_, .quoted) = content { place.column += 1 }
    place.column += index
    return place
  }
}

extension YAMLNode {
  /// The same value as if it stood nowhere: equal for texts that differ in layout only.
  public var withoutPlaces: YAMLNode {
    let bare: Content =
      switch content {
      case .sequence(let elements): .sequence(elements.map(\.withoutPlaces))
      case .mapping(let entries):
        .mapping(
          entries.map { Entry(key: $0.key.withoutPlaces, value: $0.value.withoutPlaces) })
      case .scalar, .null: content
      }
    return YAMLNode(bare, at: SourceLocation(file: "", line: 0, column: 0), length: 0)
  }
}
