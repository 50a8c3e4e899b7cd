// Amounts as text and as floating-point numbers.

extension Amount: CustomStringConvertible, LosslessStringConvertible {
  /// Reads a decimal exactly: an optional sign, digits, an optional fraction of at most 12 places
  /// that are not zero, an optional exponent. Nil for anything else, and for what does not fit.
  public init?(_ text: String) {
    var text = text
    guard let amount = text.withUTF8({ Amount(utf8: $0) }) else { return nil }
    self = amount
  }

  /// The same of bytes that are a text.
  public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard let amount = Self.short(bytes) ?? Self.any(bytes) else { return nil }
    self = amount
  }

  /// Most texts: a sign, at most 18 digits, which a word of the machine holds, and at most 12 of them
  /// behind the point. Nil says nothing of others.
  private static func short(_ bytes: UnsafeBufferPointer<UInt8>) -> Amount? {
    guard bytes.count <= 18 else { return nil }
    var digits: UInt64 = 0
    var (count, places) = (0, 0)
    var seenPoint = false
    let negative = bytes.first == UInt8(ascii: "-")
    for byte in bytes.dropFirst(negative ? 1 : 0) {
      switch byte {
      case 48...57:
        digits = digits &* 10 &+ UInt64(byte &- 48)
        count += 1
        if seenPoint { places += 1 }
      case UInt8(ascii: ".") where !seenPoint: seenPoint = true
      default: return nil
      }
    }
    guard count > 0, places <= scaleDigits else { return nil }
    // Below 10^18 * 10^12, which 127 bits hold.
    let units = Int128(digits) * Int128(tens[scaleDigits - places])
    return Amount(units: negative ? -units : units)
  }

  /// The powers of ten up to the scale.
  private static let tens: [UInt64] = (0...scaleDigits).map { power in
    (0..<power).reduce(1) { product, _ in product * 10 }
  }

  private static func any(_ text: UnsafeBufferPointer<UInt8>) -> Amount? {
    var bytes = text[...]
    let negative = bytes.first == UInt8(ascii: "-")
    if negative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
    var digits: UInt128 = 0
    var places = 0
    var count = 0
    var seenPoint = false
    var exponent = 0
    scan: while let byte = bytes.first {
      switch byte {
      case 48...57:
        let (ten, overflow) = digits.multipliedReportingOverflow(by: 10)
        let (sum, carry) = ten.addingReportingOverflow(UInt128(byte - 48))
        guard !overflow, !carry else { return nil }
        digits = sum
        count += 1
        if seenPoint { places += 1 }
      case UInt8(ascii: ".") where !seenPoint:
        seenPoint = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        guard let value = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)),
          value.magnitude <= 60
        else { return nil }
        exponent = value
        break scan
      default:
        return nil
      }
      bytes = bytes.dropFirst()
    }
    guard count > 0 else { return nil }
    var shift = Self.scaleDigits - places + exponent
    if digits == 0 { shift = 0 }
    while shift > 0 {
      let (next, overflow) = digits.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      digits = next
      shift -= 1
    }
    while shift < 0 {
      guard digits % 10 == 0 else { return nil }
      digits /= 10
      shift += 1
    }
    guard digits <= Int128.max.magnitude else { return nil }
    return Amount(units: negative ? -Int128(digits) : Int128(digits))
  }

  /// The canonical decimal: no exponent, no trailing zeros, no point without a fraction, `0` for
  /// zero. `Amount(description)` gives the same amount back.
  public var description: String {
    var (whole, fraction) = Self.parts(of: units.magnitude)
    // Twenty-seven digits before the point at most, twelve behind it, point and sign; from the last.
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 41) { buffer in
      var start = buffer.count
      func put(_ byte: UInt8) {
        start -= 1
        buffer[start] = byte
      }
      if fraction != 0 {
        var places = Self.scaleDigits
        while fraction % 10 == 0 { (fraction, places) = (fraction / 10, places - 1) }
        for _ in 0..<places {
          put(48 + UInt8(truncatingIfNeeded: fraction % 10))
          fraction /= 10
        }
        put(UInt8(ascii: "."))
      }
      while whole > UInt128(UInt64.max) {
        put(48 + UInt8(truncatingIfNeeded: whole % 10))
        whole /= 10
      }
      var rest = UInt64(whole)
      repeat {
        put(48 + UInt8(truncatingIfNeeded: rest % 10))
        rest /= 10
      } while rest > 0
      if units < 0 { put(UInt8(ascii: "-")) }
      return String(decoding: UnsafeBufferPointer(rebasing: buffer[start...]), as: UTF8.self)
    }
  }

  /// What stands before the point, and the twelve places behind it.
  private static func parts(of magnitude: UInt128) -> (whole: UInt128, fraction: UInt64) {
    let scale: UInt64 = 1_000_000_000_000
    // A division of 128 bits is a call; most amounts fit a word of the machine.
    if let word = UInt64(exactly: magnitude) { return (UInt128(word / scale), word % scale) }
    let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: UInt128(scale))
    return (whole, UInt64(fraction))
  }

  /// The decimal with exactly so many places (0 to 12), rounded half to even, with a comma between
  /// thousands: for people.
  public func formatted(places: Int, grouping: Bool = true) -> String {
    let places = min(max(places, 0), Self.scaleDigits)
    var step: Int128 = 1
    for _ in 0..<(Self.scaleDigits - places) { step *= 10 }
    let (quotient, remainder) = units.magnitude.quotientAndRemainder(dividingBy: step.magnitude)
    let rest = step.magnitude - remainder
    let up = remainder != 0 && (remainder > rest || (remainder == rest && quotient & 1 == 1))
    var digits = String(quotient + (up ? 1 : 0))
    if digits.utf8.count <= places {
      digits = String(repeating: "0", count: places + 1 - digits.utf8.count) + digits
    }
    let negative = units < 0 && digits.contains { $0 != "0" }
    let whole = digits.dropLast(places)
    var text = ""
    for (index, digit) in whole.enumerated() {
      if grouping, index > 0, (whole.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    if places > 0 { text += "." + digits.suffix(places) }
    return negative ? "-" + text : text
  }
}

extension Amount {
  /// The decimal that the shortest round-trip text of a number shows, rounded to 10^-12: the one
  /// place where an observed price becomes an amount.
  ///
  /// - Throws: `AmountError.overflow` when it is not finite or does not fit.
  public init(observed value: Double, rounding: Rounding = .halfEven) throws(AmountError) {
    guard value.isFinite else { throw .overflow }
    if let exact = Amount(value.description) {
      self = exact
      return
    }
    // More than 12 places: scale in exact binary arithmetic, since the significand has 53 bits.
    guard value.magnitude < 1e26 else { throw .overflow }
    let significand = UInt128(value.significandBitPattern) | (value.isNormal ? 1 << 52 : 0)
    let shift = 52 - (value.isNormal ? Int(value.exponent) : -1022)
    let scaled = significand * 1_000_000_000_000
    // Here shift > 0: without a fraction the text above would have been exact.
    guard shift < 127 else {
      self = value == 0 || rounding != .awayFromZero ? .zero : Amount(units: value < 0 ? -1 : 1)
      return
    }
    let quotient = Amount(units: Int128(scaled >> UInt128(shift)))
    let remainder = scaled & ((1 << UInt128(shift)) - 1)
    let step: UInt128 = 1 << UInt128(shift)
    let up = rounding.increases(
      odd: quotient.units & 1 == 1, remainder: remainder, divisor: step, negative: value < 0)
    let magnitude = quotient.units + (up ? 1 : 0)
    self.init(units: value < 0 ? -magnitude : magnitude)
  }

  /// The nearest floating-point number: for observations, weights and charts, never for orders.
  public var double: Double {
    // Both numbers are exact where they have at most 53 bits, and IEEE 754 rounds their quotient as it
    // rounds the decimal.
    let exact: UInt128 = 1 << 53
    if units.magnitude <= exact { return Double(Int64(units)) / 1e12 }
    guard let value = Double(description) else {
      preconditionFailure("a canonical decimal is a number")
    }
    return value
  }
}
