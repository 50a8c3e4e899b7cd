public import Domain

/// What a service tells of a storage that refuses it, where the database itself cannot: in memory to
/// who asks it over HTTP, and in the file of its heartbeat to commands beside it.
public struct StorageNote: Hashable, Sendable {
  /// What is wrong.
  public var trouble: StorageTrouble
  /// Since when.
  public var since: Instant
  /// In words.
  public var words: String
  /// What to do about it, if that is known.
  public var remedy: String?

  /// A note of these parts.
  public init(trouble: StorageTrouble, since: Instant, words: String, remedy: String?) {
    (self.trouble, self.since, self.words, self.remedy) = (trouble, since, words, remedy)
  }

  /// Reads what `text` wrote; nil for anything else, an empty text among it.
  init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 4, let trouble = StorageTrouble(rawValue: String(lines[0])),
      let since = Instant(rfc3339: lines[1])
    else { return nil }
    self.init(
      trouble: trouble, since: since, words: String(lines[2]),
      remedy: lines[3].isEmpty ? nil : String(lines[3]))
  }

  /// A line for each part.
  var text: String {
    func line(_ text: String) -> String { text.replacing("\n", with: " ") }
    return "\(trouble.rawValue)\n\(since)\n\(line(words))\n\(line(remedy ?? ""))\n"
  }
}
