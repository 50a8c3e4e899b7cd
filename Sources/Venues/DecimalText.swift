/// Reads decimals from the wire and from files as correctly rounded floating-point numbers.
enum DecimalText {
  /// The longest text that is read as a number, in bytes.
  static let maximumBytes = 64

  /// The number nearest to a decimal: an optional sign, digits, an optional fraction, an optional
  /// exponent. Nil for anything else (hexadecimal, `nan`, `inf`, blanks), and for what is too large
  /// to be finite.
  static func double(_ bytes: some Collection<UInt8>) -> Double? {
    guard let scan = Scan(bytes) else { return nil }
    // Both factors are exact, so that the one rounding of the operation is the correct one:
    // W. Clinger, "How to read floating point numbers accurately", 1990.
    if scan.mantissa <= 1 << 53, scan.isWhole, (-22...22).contains(scan.exponent) {
      let value = Double(scan.mantissa)
      let power = powersOfTen[Int(scan.exponent.magnitude)]
      let magnitude = scan.exponent < 0 ? value / power : value * power
      return scan.negative ? -magnitude : magnitude
    }
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  /// A whole number that fits, of at most 19 digits, with an optional minus sign.
  static func integer(_ bytes: some Collection<UInt8>) -> Int64? {
    let negative = bytes.first == UInt8(ascii: "-")
    let digits = negative ? bytes.dropFirst() : bytes[...]
    guard (1...19).contains(digits.count) else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard byte >= 48, byte <= 57 else { return nil }
      value = value * 10 + UInt64(byte - 48)
    }
    return Int64(exactly: value).map { negative ? -$0 : $0 }
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The parts of a decimal: its first 19 digits as a number, and the power of ten that it counts.
  private struct Scan {
    var negative = false
    var mantissa: UInt64 = 0
    var exponent = 0
    /// Whether no digit was left out of the mantissa.
    var isWhole = true

    init?(_ bytes: some Collection<UInt8>) {
      guard bytes.count <= DecimalText.maximumBytes else { return nil }
      var digits = 0
      var significant = 0
      var seenPoint = false
      var index = bytes.startIndex
      if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
        negative = first == UInt8(ascii: "-")
        bytes.formIndex(after: &index)
      }
      scan: while index < bytes.endIndex {
        let byte = bytes[index]
        switch byte {
        case 48...57:
          digits += 1
          if significant > 0 || byte != 48 { significant += 1 }
          if significant <= 19 {
            mantissa = mantissa * 10 + UInt64(byte - 48)
            if seenPoint { exponent -= 1 }
          } else {
            isWhole = false
          }
        case UInt8(ascii: ".") where !seenPoint:
          seenPoint = true
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
          var tail = bytes[bytes.index(after: index)...]
          if tail.first == UInt8(ascii: "+") {
            tail = tail.dropFirst()
            if tail.first == UInt8(ascii: "-") { return nil }
          }
          guard let value = DecimalText.integer(tail), value.magnitude <= 1000 else { return nil }
          exponent += Int(value)
          break scan
        default:
          return nil
        }
        bytes.formIndex(after: &index)
      }
      if digits == 0 { return nil }
    }
  }
}
