import Testing

@testable import Venues

@Suite struct JSONTextTests {
  @Test(
    arguments: [
      (#"{}"#, .object([:])), (#" [ ] "#, .array([])), (#""""#, .string("")),
      (#"[1,-0.5e+3,0]"#, .array([.number("1"), .number("-0.5e+3"), .number("0")])),
      (
        #"{"a":{"b":[true,false,null]}}"#,
        .object(["a": .object(["b": .array([.bool(true), .bool(false), .null])])])
      ),
      (
        #""a\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é""#,
        .string("a\"\\/\u{8}\u{c}\n\r\tA\u{e9}\u{1f600}é")
      ),
    ] as [(String, JSONValue)])
  func reads(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue(Array(text.utf8)) == value)
  }

  @Test(arguments: [
    // text, byte of the defect
    ("", 0), ("{", 1), ("[1,]", 3), ("[1 2]", 3), (#"{"a"}"#, 4), (#"{a:1}"#, 1), ("tru", 0),
    ("01", 2), ("-", 1), ("1.", 2), ("1e", 2), ("[1]x", 3), (#""a"#, 2), ("\"\u{1}\"", 1),
    (#""\x""#, 3), (#""\u12""#, 3), ("nul", 0), ("+1", 0), ("NaN", 0),
  ])
  func refuses(_ text: String, _ byte: Int) {
    let defect = #expect(throws: JSONDefect.self) { try JSONValue(Array(text.utf8)) }
    #expect(defect?.byte == byte, "\(text): \(String(describing: defect))")
  }

  @Test func refusesDeepNestingWithoutRecursingIntoIt() {
    let text = String(repeating: "[", count: 100_000)
    let defect = #expect(throws: JSONDefect.self) { try JSONValue(Array(text.utf8)) }
    #expect(defect == JSONDefect(byte: 32, reason: "nested too deeply"))
    let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(throws: Never.self) { try JSONValue(Array(deep.utf8)) }
  }
}
