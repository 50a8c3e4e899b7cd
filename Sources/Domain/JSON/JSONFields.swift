/// The fields of one array of plain numbers and texts, read from its bytes in order, with no value made of
/// any of them.
///
/// It reads one shape alone, that of an exchange's rows: no blanks, fields of ASCII without escapes,
/// decimals of digits and a point, whole numbers that are not negative. Everything else it leaves, valid
/// or not, with nil: whoever asked then reads the element as a `JSONValue`, which knows every shape and
/// has the words for what is wrong. So it may give up on anything, but what it reads must be what
/// `JSONValue` reads there.
public struct JSONFields {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// Where the next field begins.
  private(set) var index: Int
  /// Whether the array's end was read.
  private(set) var isOver = false

  /// The fields of an array that begins at an index and has so many bytes at most; nil where none begins.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int, most: Int) {
    guard start < bytes.count, bytes[start] == UInt8(ascii: "[") else { return nil }
    // What comes behind it is out of sight, so that a longer one is never read to its end.
    self.bytes = UnsafeBufferPointer(rebasing: bytes[..<(start + min(most, bytes.count - start))])
    index = start + 1
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// The next field, a whole number without quotes.
  public mutating func integer() -> Int64? {
    var value: UInt64 = 0
    guard !isOver, let read = digits(&value), read <= 18, isNumber(of: read), end() else {
      return nil
    }
    return Int64(value)
  }

  /// The next field, a decimal in quotes or without, correctly rounded.
  public mutating func decimal() -> Double? {
    guard !isOver else { return nil }
    let isQuoted = peek == UInt8(ascii: "\"")
    if isQuoted { index += 1 }
    var mantissa: UInt64 = 0
    guard let whole = digits(&mantissa), isQuoted || isNumber(of: whole) else { return nil }
    var places = 0
    if peek == UInt8(ascii: ".") {
      index += 1
      guard let fraction = digits(&mantissa) else { return nil }
      places = fraction
    }
    guard whole + places <= 19, !isQuoted || take(UInt8(ascii: "\"")), end() else { return nil }
    while mantissa > 1 << 53, places > 0, mantissa % 10 == 0 {
      mantissa /= 10
      places -= 1
    }
    // Both factors are exact, so that the one rounding of the division is the correct one: W. Clinger,
    // "How to read floating point numbers accurately", 1990.
    guard mantissa <= 1 << 53 else { return nil }
    return Double(mantissa) / Self.powersOfTen[places]
  }

  /// Moves past the next field, a text or a number; false where it is another.
  public mutating func skip() -> Bool {
    guard !isOver else { return false }
    if take(UInt8(ascii: "\"")) {
      while let byte = peek, byte != UInt8(ascii: "\"") {
        guard (0x20..<0x7F).contains(byte), byte != UInt8(ascii: "\\") else { return false }
        index += 1
      }
      return take(UInt8(ascii: "\"")) && end()
    }
    var value: UInt64 = 0
    guard let whole = digits(&value), isNumber(of: whole) else { return false }
    if take(UInt8(ascii: ".")), digits(&value) == nil { return false }
    return end()
  }

  /// Moves past all fields that are left; false where one of them is of another shape.
  public mutating func skipAll() -> Bool {
    while !isOver { guard skip() else { return false } }
    return true
  }

  /// Appends digits to a number, and tells how many there are; nil where there is none. Beyond 19 the
  /// number is of no use.
  private mutating func digits(_ value: inout UInt64) -> Int? {
    let start = index
    while index < bytes.count {
      let digit = bytes[index] &- 48
      guard digit < 10 else { break }
      value = value &* 10 &+ UInt64(digit)
      index += 1
    }
    return index > start ? index - start : nil
  }

  /// Whether the digits that were just read may begin a number: only 0 itself begins with 0.
  private func isNumber(of digits: Int) -> Bool { digits == 1 || bytes[index - digits] != 48 }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }

  /// Moves past what ends a field.
  private mutating func end() -> Bool {
    if take(UInt8(ascii: ",")) { return true }
    isOver = take(UInt8(ascii: "]"))
    return isOver
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19,
  ]
}
