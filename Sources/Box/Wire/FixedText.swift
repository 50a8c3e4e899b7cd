import Domain

/// Numbers as venues write them: with so many places, never with an exponent.
enum FixedText {
  /// An amount with eight places, or as many as told.
  static func text(_ amount: Amount, places: Int = 8) -> String {
    amount.formatted(places: places, grouping: false)
  }

  /// An observed number with eight places, or as many as told.
  static func text(_ value: Double, places: Int = 8) -> String {
    var bytes: [UInt8] = []
    append(value, places: places, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the same.
  static func append(_ value: Double, places: Int = 8, to bytes: inout [UInt8]) {
    let scale = scales[places]
    let scaled = (value.magnitude * scale).rounded()
    // Up to here every whole number has a number of 64 bits.
    guard scaled < 9_007_199_254_740_992 else {
      do throws(AmountError) {
        bytes += Array(text(try Amount(observed: value), places: places).utf8)
      } catch {
        bytes.append(UInt8(ascii: "0"))
      }
      return
    }
    if value < 0, scaled > 0 { bytes.append(UInt8(ascii: "-")) }
    let (whole, fraction) = Int64(scaled).quotientAndRemainder(dividingBy: Int64(scale))
    append(whole, to: &bytes)
    guard places > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var divisor = Int64(scale) / 10
    var rest = fraction
    while divisor > 0 {
      bytes.append(48 + UInt8(rest / divisor))
      rest %= divisor
      divisor /= 10
    }
  }

  /// Appends a whole number.
  static func append(_ value: Int64, to bytes: inout [UInt8]) {
    guard value >= 10 else {
      bytes += value < 0 ? Array("\(value)".utf8) : [48 + UInt8(value)]
      return
    }
    var digits: [UInt8] = []
    var rest = value
    while rest > 0 {
      digits.append(48 + UInt8(rest % 10))
      rest /= 10
    }
    bytes += digits.reversed()
  }

  private static let scales: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10]
}
