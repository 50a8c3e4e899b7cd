import Domain
import StrictYAML
import Testing

/// What the parser reads, and what it refuses, each with its place.
struct YAMLDocumentTests {
  @Test func readsNodesWithTheirPlaces() throws {
    let root = try YAMLDocument.parse(
      """
      # a comment
      name: "two words"   # another
      list: [a, 'b''c', 3]
      empty:
      nested: { key: value,
        other: "x" }
      block: |
        * not an alias
        & neither
      dashes:
        - one: 1
          two: 2
        - |
          text
      """, file: "a.yaml")
    let name = try #require(root["name"])
    #expect(name.content == .scalar("two words", .quoted))
    #expect(name.location == Domain.SourceLocation(file: "a.yaml", line: 2, column: 7))
    #expect(name.length == 11)  // nine letters and two quotes
    let list = try #require(root["list"]?.elements)
    #expect(list.map(\.text) == ["a", "b'c", "3"])
    #expect(list[1].length == 6)
    #expect(list[2].content == .scalar("3", .plain))
    #expect(root["empty"]?.isNull == true)
    #expect(root["nested"]?["other"]?.location.line == 6)
    #expect(root["block"]?.text == "* not an alias\n& neither\n")
    #expect(root["dashes"]?.elements?[0]["two"]?.text == "2")
    #expect(root["dashes"]?.elements?[1].text == "text")  // the text above has no last line end
    #expect(
      root.entries?.map(\.key.text) == ["name", "list", "empty", "nested", "block", "dashes"])
  }

  @Test(arguments: ["", "# only a comment\n", "---\n", "\u{FEFF}# mark of an editor\n"])
  func readsAnEmptyFileAsNull(text: String) throws {
    #expect(try YAMLDocument.parse(text, file: "a").isNull)
  }

  static let refusals: [(text: String, line: Int, column: Int, message: String)] = [
    // Signs that YAML gives a meaning to.
    ("a:\n  cron: * * * * *\n", 2, 9, "`*` starts a YAML alias, so this is not a string"),
    ("a: *b\n", 1, 4, "`*` starts a YAML alias, so this is not a string"),
    ("{ a: [ *b ] }\n", 1, 8, "`*` starts a YAML alias, so this is not a string"),
    ("a: &b 1\n", 1, 4, "`&` starts a YAML anchor, which is not accepted"),
    ("&b a: 1\n", 1, 1, "`&` starts a YAML anchor, which is not accepted"),
    ("a: !!str 1\n", 1, 4, "`!` starts a YAML tag, which is not accepted"),
    ("- !x 1\n", 1, 3, "`!` starts a YAML tag, which is not accepted"),
    ("a: @daily\n", 1, 4, "a plain text cannot begin with `@`"),
    ("%YAML 1.1\n---\na: 1\n", 1, 1, "YAML directives are not accepted"),
    ("? a\n: b\n", 1, 1, "`?` starts a key of several parts, which is not accepted"),
    // Documents.
    ("a: 1\n---\nb: 1\n", 2, 1, "one file holds one document"),
    ("---\na: 1\n...\n", 3, 1, "one file holds one document"),
    // Characters.
    ("a:\n\tb: 1\n", 2, 1, "a tab: YAML counts spaces only"),
    ("a: b\tc\n", 1, 5, "a tab: YAML counts spaces only"),
    ("a: \u{1B}[31m\n", 1, 4, "the control character U+001B is not allowed"),
    ("a: x\u{202E}y\n", 1, 5, "the control character U+202E is not allowed"),
    ("a: x\u{85}y\n", 1, 5, "the control character U+0085 is not allowed"),
    // Texts.
    ("a: \"b\nc\"\n", 1, 4, "this quote is not closed on its line"),
    ("a: 'b\n", 1, 4, "this quote is not closed on its line"),
    ("a: one\n  two\n", 1, 4, "a plain text must end on its line"),
    ("[1, 2]: x\n", 1, 1, "a key must be a text, not a list"),
    // Keys given twice.
    ("a: 1\nb: 2\na: 3\n", 3, 1, "`a` given twice (first on line 1)"),
    ("x:\n  \"a\": 1\n  a: 2\n", 3, 3, "`a` given twice in `x` (first on line 2)"),
    ("x: { ab: 1, ab: 2 }\n", 1, 13, "`ab` given twice in `x` (first on line 1)"),
    // What the parser itself finds.
    ("a: [1\n", 2, 1, "did not find expected ',' or ']'"),
    ("a: b: c\n", 1, 5, "mapping values are not allowed in this context"),
  ]

  @Test(arguments: refusals)
  func refuses(row: (text: String, line: Int, column: Int, message: String)) {
    let thrown = #expect(throws: Diagnostics.self) { try YAMLDocument.parse(row.text, file: "a") }
    let first = thrown?.items.first
    #expect(first?.message.contains(row.message) == true, "\(String(describing: first))")
    #expect(first?.location == Domain.SourceLocation(file: "a", line: row.line, column: row.column))
  }

  /// Text after `&`, `*`, `#` and others within words is plain.
  @Test(arguments: ["a&b", "a*b", "a#b", "2*3", "x: y", "a - b", "!no", "*", "# x"])
  func readsSignsInQuotesAndWords(text: String) throws {
    let quoted = try YAMLDocument.parse("k: \"\(text)\"\n", file: "a")
    #expect(quoted["k"]?.text == text)
    if let first = text.first, first.isLetter || first.isNumber, !text.contains(": ") {
      #expect(try YAMLDocument.parse("k: \(text)\n", file: "a")["k"]?.text == text)
    }
  }

  @Test func tellsAllMistakesAtOnce() {
    let text = "a: *x\nb: &y 1\nc: !z 1\nd: \"ok\"\n"
    let thrown = #expect(throws: Diagnostics.self) { try YAMLDocument.parse(text, file: "a") }
    #expect(thrown?.items.map(\.location.line) == [1, 2, 3])
  }

  @Test func tellsAllKeysGivenTwice() {
    let text = "a: 1\na: 2\na: 3\nb: { c: 1, c: 2 }\nb: 3\n"
    let thrown = #expect(throws: Diagnostics.self) { try YAMLDocument.parse(text, file: "a") }
    #expect(
      thrown?.items.map(\.message) == [
        "`a` given twice (first on line 1)", "`a` given twice (first on line 1)",
        "`c` given twice in `b` (first on line 4)", "`b` given twice (first on line 4)",
      ])
  }

  @Test(arguments: [
    String(repeating: "[", count: 5000), String(repeating: "{a: ", count: 5000),
    String(repeating: "- ", count: 5000),
    (0..<500).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
    "a: &a [x,x]\n" + (0..<60).map { "b\($0): [*a,*a]" }.joined(separator: "\n"),
    String(repeating: "a: 1\n", count: 3000),
  ])
  func staysBoundedOnHostileInput(text: String) {
    #expect(throws: Diagnostics.self) { try YAMLDocument.parse(text, file: "a") }
  }

  @Test func refusesALargeFile() {
    let text = String(repeating: "# comment\n", count: YAMLDocument.maximumSizeBytes / 10 + 1)
    let thrown = #expect(throws: Diagnostics.self) { try YAMLDocument.parse(text, file: "a") }
    #expect(thrown?.items.count == 1)
  }

  @Test func readsLinesThatEndInTheWindowsWay() throws {
    let root = try YAMLDocument.parse("a: 1\r\nb:\r\n  c: \"2\"\r\n", file: "a")
    #expect(root["b"]?["c"]?.location == Domain.SourceLocation(file: "a", line: 3, column: 6))
  }
}
