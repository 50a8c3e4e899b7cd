import Testing

@testable import Venues

@Suite struct DecimalTextTests {
  @Test(arguments: [
    // Short ones take the fast path.
    "0", "-0", "1", "+1.5", "0.1", "100.0", "0.00264669", "35000.", ".5", "1e3", "2.5E-7",
    "9007199254740992", "1e22", "0.0000000000000000000001",
    // Seventeen digits, as Python prints what is not a short decimal: the candles have many.
    "0.0027300000000000002", "0.017050000000000003", "0.10441057000000001",
    // Halfway cases and the edges of the format.
    "9007199254740993", "1e23", "8.5e22", "2.2250738585072011e-308", "4.9e-324", "1e-400",
    "1.7976931348623157e308", "123456789012345678901234567890",
    "0.000000000000000000000000000000000000000000000000000000001",
  ])
  func agreesWithTheStandardLibrary(_ text: String) throws {
    let expected = try #require(Double(text.hasSuffix(".") ? text + "0" : text))
    let value = try #require(DecimalText.double(Array(text.utf8)))
    #expect(value.bitPattern == expected.bitPattern)
  }

  @Test func agreesWithTheStandardLibraryOnRandomDecimals() throws {
    for n in UInt64(0)..<20_000 {
      let digits = 1 + hash(1, n) % 19
      let mantissa = hash(2, n) % (0..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
      let text = "\(mantissa)e\(Int(hash(3, n) % 60) - 30)"
      let value = DecimalText.double(Array(text.utf8))
      #expect(value == Double(text), "\(text)")
    }
  }

  @Test(arguments: [
    "", ".", "-", "nan", "inf", "Infinity", "0x10", "1e", "1e+", "1e+-5", " 1", "1 ", "1,5",
    "1.2.3",
    "1e999", "1e99999999999999999999", "\u{664}", String(repeating: "1", count: 65),
  ])
  func refuses(_ text: String) {
    #expect(DecimalText.double(Array(text.utf8)) == nil)
  }
}
