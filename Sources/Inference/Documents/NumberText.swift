/// Numbers out of the bytes of a text.
enum NumberText {
  /// A decimal whole number with an optional minus sign; nil for all else.
  static func integer(_ bytes: [UInt8], _ word: Range<Int>) -> Int? {
    var index = word.lowerBound
    let isNegative = index < word.upperBound && bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    guard index < word.upperBound, word.upperBound - index <= 18 else { return nil }
    var number = 0
    while index < word.upperBound {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      number = number * 10 + Int(digit)
      index += 1
    }
    return isNegative ? -number : number
  }

  /// A decimal number, correctly rounded, or `inf`, `-inf`, `nan`; nil for all else.
  static func double(_ bytes: [UInt8], _ word: Range<Int>) -> Double? {
    guard (1...400).contains(word.count) else { return nil }
    guard bytes[word].allSatisfy(isDecimal) else {
      switch String(decoding: bytes[word], as: UTF8.self) {
      case "inf": return .infinity
      case "-inf": return -.infinity
      case "nan", "-nan": return .nan
      default: return nil
      }
    }
    return short(bytes, word) ?? Double(String(decoding: bytes[word], as: UTF8.self))
  }

  private static func isDecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  /// Numbers of at most 15 digits without an exponent: digits and power of ten are both exact in
  /// double precision, so one division rounds once (Clinger, 1990).
  private static func short(_ bytes: [UInt8], _ word: Range<Int>) -> Double? {
    guard word.count <= 16 else { return nil }
    var index = word.lowerBound
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    var digits = 0
    var count = 0
    var scale: Double = 1
    var hasPoint = false
    while index < word.upperBound {
      let byte = bytes[index]
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        let digit = byte &- UInt8(ascii: "0")
        guard digit < 10, count < 15 else { return nil }
        digits = digits * 10 + Int(digit)
        count += 1
        if hasPoint { scale *= 10 }
      }
      index += 1
    }
    guard count > 0 else { return nil }
    let value = Double(digits) / scale
    return isNegative ? -value : value
  }
}
