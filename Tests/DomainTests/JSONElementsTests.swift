import Domain
import Testing

/// Arrays read one element at a time give what the whole reading gives.
@Suite struct JSONElementsTests {
  func elements(_ text: String, at path: [String] = [], most: Int = 1000) throws -> [JSONValue]? {
    var found: [JSONValue] = []
    let isFound = try JSONValue.forEachElement(
      at: path, in: Array(text.utf8), maximumElementBytes: most
    ) { found.append($0) }
    return isFound ? found : nil
  }

  @Test(arguments: [
    "[]", " [ 1 , \"a\\\"]\", [2,[3]], {\"b\":{}} , null,true,-1.5e3 ] ", "[[],[[]],{\"k\":[]}]",
  ])
  func agreesWithTheWholeReading(_ text: String) throws {
    let whole = try JSONValue.parse(Array(text.utf8)).array
    #expect(try elements(text) == whole)
    let inside = "{\"x\":[0,{\"y\":1}],\"a\":{\"z\":\"\",\"b\":\(text)},\"c\":null}"
    #expect(try elements(inside, at: ["a", "b"]) == whole)
    #expect(try elements(inside, at: ["a", "n"]) == nil)
    #expect(try elements(inside, at: ["c"]) == nil)
  }

  @Test(arguments: [
    "[1,", "[1 2]", "[1]]", "[01]", "[\"a]", "[{\"a\":1,}]", "[{\"a\" 1}]", "[nul]", "[1]x", "",
    "[\"a\nb\"]", "[{\"a\":1,\"a\":2}]", "[-]", "[1.]", "[\"\\q\"]",
  ])
  func refusesWhatTheWholeReadingRefuses(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(Array(text.utf8)) }
    #expect(throws: JSONSyntaxError.self) { try elements(text) }
    #expect(throws: JSONSyntaxError.self) { try elements("{\"a\":\(text)}", at: ["a"]) }
  }

  @Test func isBoundedInLengthAndDepth() {
    #expect(throws: JSONSyntaxError.self) { try elements("[\"123456789\"]", most: 10) }
    #expect(throws: JSONSyntaxError.self) {
      try elements(String(repeating: "[", count: 200) + String(repeating: "]", count: 200))
    }
    #expect(throws: JSONSyntaxError.self) { try elements("{\"a\":[],\"a\":[]}", at: ["a"]) }
  }
}
