/// The name of a scheduled job, unique in a schedules file: a lower-case letter, then lower-case
/// letters, digits and hyphens, 64 characters at most.
public struct JobName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest legal name, in characters.
  public static let maximumLengthCharacters = 64

  /// The name.
  public let text: String

  /// The name, or nil if the text is not one.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    guard text.withUTF8(Self.isName) else { return nil }
    self.text = text
  }

  private static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first, (97...122).contains(first),
      bytes.count <= maximumLengthCharacters
    else { return false }
    for byte in bytes {
      guard (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
      else { return false }
    }
    return true
  }

  /// Orders as text.
  public static func < (a: JobName, b: JobName) -> Bool { a.text < b.text }

  /// The name.
  public var description: String { text }
}
