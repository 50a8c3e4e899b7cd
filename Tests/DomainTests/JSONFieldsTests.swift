import Domain
import Testing

/// Rows that are read from their bytes say what the whole reading says, or are left to it.
@Suite struct JSONFieldsTests {
  /// The rows of a text as decimals, those that were read from their bytes, and how many those are.
  func rows(_ text: String, most: Int = 1000) throws -> (rows: [[Double]], plain: Int) {
    var (rows, plain): ([[Double]], Int) = ([], 0)
    _ = try JSONValue.forEachElement(
      in: Array(text.utf8), maximumElementBytes: most,
      fields: { fields in
        guard let time = fields.integer() else { return false }
        var row = [Double(time)]
        while row.count < 3 {
          guard let number = fields.decimal() else { return false }
          row.append(number)
        }
        guard fields.skipAll() else { return false }
        rows.append(row)
        plain += 1
        return true
      },
      { element in
        let texts = (element.array ?? []).prefix(3).map { $0.string ?? $0.text() }
        rows.append(texts.map { Double($0) ?? .nan })
      })
    return (rows, plain)
  }

  /// What each number is, by the C library's reading of its text.
  @Test(arguments: [
    "0", "0.0", "1", "10.01", "0.01634790", "148976.11427815", "58734829372.00000000",
    "9007199254740992", "9007199254740993", "9007199254740993.0", "0.1234567890123456",
    "0.3", "123456789.123456789", "1234567890123456789", "12345678901234567890",
    "0.000000000000001", "4503599627370496.5", "99999999999999999.99",
  ])
  func readsWhatTheWholeReadingReads(_ number: String) throws {
    let value = try #require(Double(number))
    for field in [number, "\"\(number)\""] {
      let found = try rows("[[7,\(field),\(field),\"x\",1.5]]")
      #expect(found.rows == [[7, value, value]])
    }
  }

  /// Rows as exchanges send them are read from their bytes; each other shape, valid as it is, is not.
  @Test(arguments: [
    ("[[7,\"1\",2.5,\"a b\",0]]", 1), ("[[7,1,2],[8,1,2]]", 2), ("[[7,1,2] , [8,1,2]]", 2),
    ("[[7,1,2,\"\"]]", 1), ("[[0,0,0]]", 1),
    ("[[7, 1,2]]", 0), ("[[-7,1,2]]", 0), ("[[7,1e0,2]]", 0), ("[[7,\"+1\",2]]", 0),
    ("[[7,\".5\",2]]", 0), ("[[7,\"1.\",2]]", 0), ("[[\"7\",1,2]]", 0), ("[[7,1,2,null]]", 0),
    ("[[7,1,2,[]]]", 0), ("[[7,1,2,\"\\n\"]]", 0), ("[[7,1,2,\"\u{e9}\"]]", 0), ("[[7,1]]", 0),
    ("[[]]", 0), ("[{}]", 0), ("[7]", 0), ("[[7,\"\",2]]", 0), ("[[7,1,2,-1]]", 0),
  ])
  func readsThePlainShapeAlone(_ text: String, _ plain: Int) throws {
    let found = try rows(text)
    #expect(found.plain == plain)
    #expect(found.rows.count == (try JSONValue.parse(Array(text.utf8)).array?.count))
  }

  @Test(arguments: [
    "[[7,1,2]", "[[7,1,2", "[[7,01,2]]", "[[07,1,2]]", "[[7,1.,2]]", "[[7,1,2,\"a]]", "[[7,1,2,]]",
    "[[7,1,2]]]", "[[7,1,2][8,1,2]]", "[[7,1,2,\"\u{1}\"]]", "[[7,1,2,\"\\q\"]]", "[[7,1,2,.5]]",
  ])
  func refusesInTheSameWords(_ text: String) throws {
    let fault = #expect(throws: JSONSyntaxError.self) { try rows(text) }
    let whole = #expect(throws: JSONSyntaxError.self) {
      try JSONValue.forEachElement(in: Array(text.utf8), maximumElementBytes: 1000) { _ in }
    }
    #expect(fault == whole)
  }

  @Test func isBoundedAsTheWholeReadingIs() throws {
    #expect(try rows("[[7,1,2]]", most: 7).plain == 1)
    let fault = #expect(throws: JSONSyntaxError.self) { try rows("[[7,1,2]]", most: 6) }
    #expect(fault?.message == "an element of 7 bytes; the most allowed is 6")
  }
}
