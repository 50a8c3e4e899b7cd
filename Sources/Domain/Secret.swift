/// A key, a password, a signature: text that is used and never shown.
///
/// It prints as redacted, also inside of what holds it, and has no `Codable` form; whoever needs the
/// text asks for it by name, which a search finds.
public struct Secret: Hashable, Sendable {
  private let text: String

  /// Keeps a text.
  public init(_ text: String) { self.text = text }

  /// Hands the text to a body, which must not let it out.
  public func reveal<T>(_ body: (String) throws -> T) rethrows -> T { try body(text) }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// `<redacted>`.
  public var description: String { "<redacted>" }
  /// `<redacted>`.
  public var debugDescription: String { description }
  /// A mirror without children, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
