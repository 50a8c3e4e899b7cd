/// The name of a scheduled job, unique in a schedules file: a lower-case letter, then lower-case
/// letters, digits and hyphens, 64 characters at most.
public struct JobName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest legal name, in characters.
  public static let maximumLengthCharacters = 64

  /// The name.
  public let text: String

  /// The name, or nil if the text is not one.
  public init?(_ text: some StringProtocol) {
    let bytes = text.utf8
    guard let first = bytes.first, first >= 97, first <= 122,
      bytes.count <= Self.maximumLengthCharacters,
      bytes.allSatisfy({ ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 })
    else { return nil }
    self.text = String(text)
  }

  /// Orders as text.
  public static func < (a: JobName, b: JobName) -> Bool { a.text < b.text }

  /// The name.
  public var description: String { text }
}
