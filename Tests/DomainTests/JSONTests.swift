import Domain
import Testing

/// JSON as RFC 8259 has it, in the order of the text and with places in every complaint.
@Suite struct JSONTests {
  @Test func keepsOrderAndText() throws {
    let text = #" {"b": 1.50, "a": [true, null, -0, 1e+3, "x\u00e9\ud83d\ude00\n/"], "": {}} "#
    let value = try JSONValue.parse(Array(text.utf8))
    #expect(value.object?.map(\.key) == ["b", "a", ""])
    #expect(value["b"] == .number("1.50"))
    #expect(value["b"]?.double == 1.5)
    let elements = try #require(value["a"]?.array)
    #expect(elements[0].bool == true)
    #expect(elements[1] == .null)
    #expect(elements[2].double?.sign == .minus)
    #expect(elements[3].double == 1000)
    #expect(elements[3].int == nil)
    #expect(elements[4].string == "x\u{e9}\u{1F600}\n/")
    #expect(
      value.text() == #"{"b":1.50,"a":[true,null,-0,1e+3,"x\#u{e9}\#u{1F600}\n/"],"":{}}"#)
  }

  @Test(arguments: [
    // text, line, column
    ("", 1, 1), ("  ", 1, 3), ("{", 1, 2), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("01", 1, 1),
    ("1.", 1, 3), ("-", 1, 2), ("1e", 1, 3), ("+1", 1, 1), (".5", 1, 1), ("NaN", 1, 1),
    ("tru", 1, 1), ("{\"a\":1,\n \"a\":2}", 2, 2), ("{\"a\" 1}", 1, 6), ("{a:1}", 1, 2),
    ("\"a", 1, 1), ("\"\t\"", 1, 2), ("\"\\x\"", 1, 2), ("\"\\ud800\"", 1, 2),
    ("\"\\ud800\\u0041\"", 1, 2), ("\"\\u12g4\"", 1, 6), ("1 1", 1, 3),
    ("[\"\u{e9}\u{e9}\", x]", 1, 8), ("[1,\n[2,\n  *]]", 3, 3),
  ])
  func refusesWithAPlace(text: String, line: Int, column: Int) {
    do throws(JSONSyntaxError) {
      _ = try JSONValue.parse(Array(text.utf8))
      Issue.record("\(text) was read")
    } catch {
      #expect((error.line, error.column) == (line, column), "\(text): \(error)")
    }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    #expect(throws: JSONSyntaxError.self) { try JSONValue.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONSyntaxError.self) { try JSONValue.parse([0x22, 0x5C, 0x6E, 0xC3, 0x22]) }
  }

  @Test func isBounded() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(deep) }
    var limits = JSONValue.Limits()
    limits.maximumBytes = 3
    #expect(throws: JSONSyntaxError.self) {
      try JSONValue.parse(Array("null".utf8), limits: limits)
    }
    limits = JSONValue.Limits()
    limits.maximumDepth = 2
    #expect(throws: Never.self) { try JSONValue.parse(Array("[[]]".utf8), limits: limits) }
    #expect(throws: JSONSyntaxError.self) {
      try JSONValue.parse(Array("[[[]]]".utf8), limits: limits)
    }
  }

  @Test func readsWhatPythonWritesWhenAllowed() throws {
    var limits = JSONValue.Limits()
    limits.allowsNonFinite = true
    let values = try JSONValue.parse(Array("[NaN,Infinity,-Infinity]".utf8), limits: limits).array
    #expect(values?[0].double?.isNaN == true)
    #expect(values?[1].double == .infinity)
    #expect(values?[2].double == -.infinity)
  }

  @Test func refusesAKeyGivenTwiceAmongMany() {
    let keys = (0..<40).map { "\"k\($0)\":0" } + ["\"k3\":1"]
    #expect(throws: JSONSyntaxError.self) {
      try JSONValue.parse(Array("{\(keys.joined(separator: ","))}".utf8))
    }
  }

  @Test func namesThePlaceOfAValue() throws {
    let text = Array("{\"a\": 1,\n \"b\": [10, {\"c\": 2}]}".utf8)
    #expect(try #require(JSONValue.position(of: [.key("a")], in: text)) == (1, 7))
    #expect(
      try #require(JSONValue.position(of: [.key("b"), .index(1), .key("c")], in: text)) == (2, 18))
    #expect(JSONValue.position(of: [.key("x")], in: text) == nil)
    #expect(JSONValue.position(of: [.key("b"), .index(9)], in: text) == nil)
    #expect(JSONValue.position(of: [.key("a"), .index(0)], in: text) == nil)
  }

  @Test func writesAReadableFormThatReadsBack() throws {
    let value = JSONValue.object([
      .init("a", .array([.number(1), .number(0.1), .number(Double.nan)])), .init("e", .array([])),
      .init("s", .string("\u{1}\u{8}\"\\")),
    ])
    let text = value.text(indented: true)
    #expect(
      text == """
        {
          "a": [
            1,
            0.1,
            null
          ],
          "e": [],
          "s": "\\u0001\\b\\"\\\\"
        }
        """)
    #expect(try JSONValue.parse(Array(text.utf8)) == value)
  }
}
