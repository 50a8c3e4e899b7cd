import Domain
import Testing

@Suite struct AmountTests {
  @Test(arguments: [
    // text, canonical
    ("0", "0"), ("-0", "0"), ("1", "1"), ("+1.50", "1.5"), ("-0.000000000001", "-0.000000000001"),
    ("1e-3", "0.001"), ("2.5E+2", "250"), ("0012.3400", "12.34"),
    ("100000000000000000000000000", "100000000000000000000000000"),
    ("1.0000000000000000", "1"),  // sixteen places, but only zeros beyond the twelfth
  ])
  func readsAndPrintsExactly(_ text: String, _ canonical: String) {
    #expect(Amount(text)?.description == canonical)
  }

  @Test(arguments: [
    "", "-", ".", "1.2.3", "1,5", "٣", "1e", "1e99", "0.0000000000001", "nan", "inf", " 1",
    "1000000000000000000000000000",  // 10^27 * 10^12 > 2^127
  ])
  func refuses(_ text: String) {
    #expect(Amount(text) == nil)
  }

  @Test(arguments: [
    // a, b, a*b, a/b rounded half to even at 10^-12: exact arithmetic by hand
    ("3", "7", "21", "0.428571428571"),
    ("2", "3", "6", "0.666666666667"),
    ("-2", "3", "-6", "-0.666666666667"),
    ("0.000001", "0.000001", "0.000000000001", "1"),
    ("0.0000005", "0.000001", "0", "0.5"),  // half a unit: to even, which is zero
    ("0.0000015", "0.000001", "0.000000000002", "1.5"),  // one and a half units: to even, two
    ("1000000000000", "1000000000000", "1000000000000000000000000", "1"),
  ])
  func multipliesAndDivides(_ a: String, _ b: String, _ product: String, _ quotient: String) throws
  {
    let (a, b) = (try #require(Amount(a)), try #require(Amount(b)))
    #expect(try a.multiplied(by: b).description == product)
    #expect(try a.divided(by: b).description == quotient)
  }

  @Test func overflowThrows() throws {
    let large = try #require(Amount("100000000000000000000000000"))
    #expect(throws: AmountError.overflow) { try large.multiplied(by: large) }
    #expect(throws: AmountError.overflow) { try large.divided(by: Amount(units: 1)) }
    #expect(throws: AmountError.overflow) { try large.adding(large) }
    #expect(throws: AmountError.divisionByZero) { try large.divided(by: .zero) }
    #expect(throws: AmountError.overflow) { try Amount(units: .min).negated() }
  }

  @Test(arguments: [
    // value, step, rounding, expected
    ("0.13357", "0.0001", Amount.Rounding.towardsZero, "0.1335"),
    ("-0.13357", "0.0001", .towardsZero, "-0.1335"),
    ("-0.13357", "0.0001", .down, "-0.1336"),
    ("0.13351", "0.0001", .up, "0.1336"),
    ("0.13350", "0.0001", .up, "0.1335"),
    ("0.25", "0.1", .halfEven, "0.2"),
    ("0.35", "0.1", .halfEven, "0.4"),
    ("7", "2.5", .awayFromZero, "7.5"),
  ])
  func roundsToSteps(
    _ value: String, _ step: String, _ rounding: Amount.Rounding, _ expected: String
  )
    throws
  {
    let (value, step) = (try #require(Amount(value)), try #require(Amount(step)))
    #expect(try value.rounded(toMultipleOf: step, rounding).description == expected)
  }

  @Test(arguments: [
    // An observed double is taken as its shortest round-trip decimal, rounded to 12 places.
    (0.1, "0.1"), (0.0027300000000000002, "0.00273"), (104.06, "104.06"), (22351900.0, "22351900"),
    (1e-13, "0"), (-1.5e-12, "-0.000000000002"), (6.25e-10, "0.000000000625"),
    (1e22, "10000000000000000000000"),
  ])
  func takesObservedPrices(_ value: Double, _ expected: String) throws {
    #expect(try Amount(observed: value).description == expected)
  }

  @Test func refusesNumbersThatAreNone() {
    #expect(throws: AmountError.overflow) { try Amount(observed: .nan) }
    #expect(throws: AmountError.overflow) { try Amount(observed: .infinity) }
    #expect(throws: AmountError.overflow) { try Amount(observed: 1e30) }
  }

  @Test(arguments: [
    ("10412.384", 2, "10,412.38"), ("0.005", 2, "0.00"), ("0.015", 2, "0.02"),
    ("-1234567", 0, "-1,234,567"),
    ("-0.001", 2, "0.00"), ("999.999", 2, "1,000.00"), ("0.5", 0, "0"),
  ])
  func formatsForPeople(_ value: String, _ places: Int, _ expected: String) throws {
    #expect(try #require(Amount(value)).formatted(places: places) == expected)
  }

  @Test func nearestDouble() throws {
    #expect(try #require(Amount("0.1")).double == 0.1)
    #expect(try #require(Amount("10412.38")).double == 10412.38)
  }

  /// Units of 10^-12, their decimal and the nearest double, by Python's `decimal` and `float`: at the
  /// bounds of 53, 64 and 127 bits, and some drawn.
  @Test(
    arguments: [
      ("0", "0", 0.0),
      ("1", "0.000000000001", 1e-12),
      ("-1", "-0.000000000001", -1e-12),
      ("1000000000000", "1", 1.0),
      ("-1000000000000", "-1", -1.0),
      ("9007199254740992", "9007.199254740992", 9007.199254740992),
      ("9007199254740993", "9007.199254740993", 9007.199254740994),
      ("-9007199254740993", "-9007.199254740993", -9007.199254740994),
      ("18446744073709551615", "18446744.073709551615", 18446744.07370955),
      ("18446744073709551616", "18446744.073709551616", 18446744.07370955),
      ("999999999999999999", "999999.999999999999", 1000000.0),
      ("1000000000000000000", "1000000", 1000000.0),
      ("1000000000000000000000000000007", "1000000000000000000.000000000007", 1e+18),
      (
        "170141183460469231731687303715884105727", "170141183460469231731687303.715884105727",
        1.7014118346046923e+26
      ),
      (
        "-170141183460469231731687303715884105727", "-170141183460469231731687303.715884105727",
        -1.7014118346046923e+26
      ),
      ("123456789012345678", "123456.789012345678", 123456.78901234567),
      ("98537608817284099556144", "98537608817.284099556144", 98537608817.2841),
      (
        "-203613911827396312026225110348289", "-203613911827396312026.225110348289",
        -2.036139118273963e+20
      ),
      ("-7174414456034757", "-7174.414456034757", -7174.414456034757),
      ("298096957478143883413410", "298096957478.14388341341", 298096957478.14386),
      (
        "2178952669482125490007552869203591", "2178952669482125490007.552869203591",
        2.1789526694821254e+21
      ),
      ("482100044234498058676047005", "482100044234498.058676047005", 482100044234498.06),
      ("-17799619862", "-0.017799619862", -0.017799619862),
      ("-38709592296931533025542655054", "-38709592296931533.025542655054", -3.870959229693154e+16),
    ] as [(String, String, Double)])
  func textAndNearestDoubleOfUnits(_ units: String, _ text: String, _ double: Double) throws {
    let amount = Amount(units: try #require(Int128(units)))
    #expect(amount.description == text && Amount(text) == amount)
    #expect(amount.double == double)
    // A text of another form is the same amount.
    let positive = text.hasPrefix("-") ? text : "+\(text)"
    #expect(Amount(positive) == amount && Amount("\(text)e0") == amount)
  }
}
