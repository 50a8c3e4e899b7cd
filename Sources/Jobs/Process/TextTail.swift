/// The end of a text that comes in parts, however long it becomes.
struct TextTail: Sendable {
  /// So much of the end is kept.
  static let sizeBytes = 4 << 10
  /// A line is shown up to so many characters.
  static let lineCharacters = 300

  private var bytes: [UInt8] = []

  /// Adds a part.
  mutating func append(_ part: UnsafeRawBufferPointer) {
    bytes += part.suffix(Self.sizeBytes)
    if bytes.count > 2 * Self.sizeBytes { bytes.removeFirst(bytes.count - Self.sizeBytes) }
  }

  /// The last lines that are not blank, so many at most, fit for a message: what is no UTF-8 is
  /// replaced, and control characters are blanks.
  func lines(_ count: Int) -> [String] {
    bytes.split(separator: 10).suffix(4 * count).compactMap { line in
      let text = String(decoding: line, as: UTF8.self).unicodeScalars.map { scalar in
        scalar.properties.generalCategory == .control ? " " : String(scalar)
      }.joined()
      let words = text.split(separator: " ").joined(separator: " ")
      return words.isEmpty ? nil : String(words.prefix(Self.lineCharacters))
    }.suffix(count)
  }
}
