import Domain
import Testing

@Suite struct CSVLineTests {
  /// RFC 4180, section 2, and what people write beside it; Python's csv module reads the same, but for
  /// the spaces before a quote.
  @Test(
    arguments: [
      ("aaa,bbb,ccc", ["aaa", "bbb", "ccc"]), ("", [""]), (",", ["", ""]), ("a,", ["a", ""]),
      (#""aaa","bbb",ccc"#, ["aaa", "bbb", "ccc"]),
      (#""aaa","b""bb","ccc""#, ["aaa", "b\"bb", "ccc"]),
      (#""macd(12,26,9).macd", sma"#, ["macd(12,26,9).macd", " sma"]),
      (#"a, "b,c" ,d"#, ["a", "b,c", "d"]),
      (#""""#, [""]), (#""a"b"#, nil), (#"a"b"#, nil), (#""a"#, nil),
      (#""a""#, ["a"]),
    ] as [(String, [String]?)])
  func readsCells(line: String, cells: [String]?) {
    #expect(CSVLine.cells(line) == cells)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a b", "a b"), ("macd(12,26,9).macd", "\"macd(12,26,9).macd\""),
    ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""), ("", ""),
  ])
  func quotesWhatNeedsIt(text: String, cell: String) {
    #expect(CSVLine.cell(text) == cell)
    if !text.contains("\n") { #expect(CSVLine.cells(cell + ",x") == [text, "x"]) }
  }
}
