/// Moves the changing part of kernels to and from bytes, in one description for both directions.
///
/// Little-endian 64-bit words. What is read is checked where it is used as an index; a state that
/// does not fit leaves `isValid` false and never an index out of bounds.
struct StateCoder {
  private(set) var bytes: [UInt8]
  private(set) var isValid = true
  private let isReading: Bool
  private var index = 0

  /// A coder that writes.
  init() { (bytes, isReading) = ([], false) }

  /// A coder that reads.
  init(reading bytes: [UInt8]) { (self.bytes, isReading) = (bytes, true) }

  /// Whether all bytes were read.
  var isAtEnd: Bool { index == bytes.count }

  mutating func word(_ value: inout UInt64) {
    guard isReading else {
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
      }
      return
    }
    guard index + 8 <= bytes.count else {
      isValid = false
      return
    }
    value = 0
    for offset in 0..<8 { value |= UInt64(bytes[index + offset]) << UInt64(8 * offset) }
    index += 8
  }

  /// Any number.
  mutating func number(_ value: inout Double) {
    var bits = value.bitPattern
    word(&bits)
    value = Double(bitPattern: bits)
  }

  /// Two numbers.
  mutating func pair(_ value: inout Pair) {
    number(&value.x)
    number(&value.y)
  }

  /// An index or count from 0 to `limit`.
  mutating func count(_ value: inout Int, through limit: Int) {
    var bits = UInt64(value)
    word(&bits)
    guard bits <= UInt64(limit) else {
      isValid = false
      return
    }
    value = Int(bits)
  }

  /// A truth value.
  mutating func flag(_ value: inout Bool) {
    var bits: UInt64 = value ? 1 : 0
    word(&bits)
    value = bits == 1
    if bits > 1 { isValid = false }
  }

  /// A time or any other whole number.
  mutating func integer(_ value: inout Int64) {
    var bits = UInt64(bitPattern: value)
    word(&bits)
    value = Int64(bitPattern: bits)
  }
}
