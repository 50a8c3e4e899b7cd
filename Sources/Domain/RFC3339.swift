// Instants as text: RFC 3339, always UTC on output.

extension Instant: CustomStringConvertible {
  /// `2026-03-08T07:00:00Z`, with `.123` before the `Z` only when the milliseconds are not zero.
  public var description: String {
    let days = milliseconds.flooringQuotient(86_400_000)
    let ofDay = Int(milliseconds - days * 86_400_000)
    let fraction = ofDay % 1000
    let second = ofDay / 1000
    let time =
      "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    let tail = fraction == 0 ? "Z" : ".\(padded(fraction, 3))Z"
    return "\(CivilDate(daysSinceEpoch: Int(days)))T\(time)\(tail)"
  }

  /// Reads RFC 3339 (`2026-03-08T07:00:00Z`, `2026-03-08 02:00:00.25-05:00`), and as shorthands a
  /// date alone (midnight UTC) and a time without seconds. An offset or `Z` is required after a
  /// time, so that no text is read in a zone that its writer did not mean. Digits beyond the
  /// millisecond are cut. Nil when the text is none of these.
  public init?(rfc3339 text: some StringProtocol) {
    var scanner = DigitScanner(Array(text.utf8))
    guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2),
      scanner.take("-"), let day = scanner.number(2)
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard date.isValid else { return nil }
    let midnight = Int64(date.daysSinceEpoch) * 86_400_000
    if scanner.isAtEnd {
      self.init(milliseconds: midnight)
      return
    }
    guard scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.number(2), hour < 24, scanner.take(":"),
      let minute = scanner.number(2), minute < 60
    else { return nil }
    var second = 0
    var fraction = 0
    if scanner.take(":") {
      guard let s = scanner.number(2), s < 60 else { return nil }
      second = s
      if scanner.take(".") {
        guard let f = scanner.fractionOfThousand() else { return nil }
        fraction = f
      }
    }
    var offsetMinutes = 0
    if !(scanner.take("Z") || scanner.take("z")) {
      let negative = scanner.take("-")
      guard negative || scanner.take("+"), let h = scanner.number(2), h < 24, scanner.take(":"),
        let m = scanner.number(2), m < 60
      else { return nil }
      offsetMinutes = (h * 60 + m) * (negative ? -1 : 1)
    }
    guard scanner.isAtEnd else { return nil }
    let ofDay = ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + fraction
    self.init(milliseconds: midnight + Int64(ofDay))
  }
}

/// Reads fixed-width numbers and single characters from ASCII bytes.
private struct DigitScanner {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index == bytes.count }

  mutating func number(_ width: Int) -> Int? {
    guard index + width <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[index..<index + width] {
      guard byte >= 48, byte <= 57 else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    index += width
    return value
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// One or more digits after a decimal point, as thousandths, rounded down.
  mutating func fractionOfThousand() -> Int? {
    var value = 0
    var digits = 0
    while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 {
      if digits < 3 { value = value * 10 + Int(bytes[index] - 48) }
      digits += 1
      index += 1
    }
    guard digits > 0 else { return nil }
    for _ in 0..<max(0, 3 - digits) { value *= 10 }
    return value
  }
}
