import Testing

/// A file is one concept; a long one is mostly two. Those that are long keep their length or
/// shrink, and no new one becomes long.
@Suite struct FileLengthTests {
  /// The most lines of a file that is not listed.
  private static let maximumLines = 300
  /// The files that are longer, with their present length: a number here only ever goes down.
  private static let list = "Tests/long-files.txt"

  @Test func noFileGrowsLong() throws {
    let lengths = Dictionary(
      uniqueKeysWithValues: try ["Sources", "Tests"].flatMap {
        try Repository.here.swiftSources(under: $0).map { ($0.path, $0.length) }
      })
    let listed = try Self.parse(Repository.here.text(of: Self.list))
    #expect(
      Self.complaints(lengths: lengths, listed: listed, maximum: Self.maximumLines).isEmpty,
      "the list is \(Self.list)")
  }

  private static func parse(_ text: String) throws -> [String: Int] {
    var listed: [String: Int] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      try #require(words.count == 2, "\(list): a line is LINES PATH")
      let length: Int = try #require(Int(words[0]), "\(list): \(line)")
      listed[String(words[1])] = length
    }
    return listed
  }

  private static func complaints(
    lengths: [String: Int], listed: [String: Int], maximum: Int
  ) -> [String] {
    let grown = lengths.compactMap { path, length -> String? in
      guard let allowed = listed[path] else {
        return length > maximum ? "\(path): \(length) lines, \(maximum) are allowed: split it" : nil
      }
      if length > allowed { return "\(path): grew from \(allowed) lines to \(length): split it" }
      if length <= maximum { return "\(path): is short now: take it off the list" }
      return length < allowed ? "\(path): shrank: list it with \(length)" : nil
    }
    let gone = listed.keys.filter { lengths[$0] == nil }.map { "\($0): is gone: take it off" }
    return (grown + gone).sorted()
  }

  // MARK: the rule itself

  @Test func aLongFileIsFound() throws {
    let listed = try Self.parse("# comment\n400 B\n400 C\n400 D\n400 E\n400 F\n")
    #expect(
      Self.complaints(
        lengths: ["A": 301, "B": 401, "C": 400, "D": 399, "E": 300, "G": 300], listed: listed,
        maximum: 300) == [
          "A: 301 lines, 300 are allowed: split it", "B: grew from 400 lines to 401: split it",
          "D: shrank: list it with 399", "E: is short now: take it off the list",
          "F: is gone: take it off",
        ])
  }
}
