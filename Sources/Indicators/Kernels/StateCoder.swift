/// Moves the changing part of kernels to and from words of 64 bits, in one description for both
/// directions.
///
/// What is read is checked where it is used as an index; a state that does not fit leaves `isValid`
/// false and never an index out of bounds.
struct StateCoder {
  private(set) var words: [UInt64]
  private(set) var isValid = true
  private let isReading: Bool
  private var index = 0

  /// A coder that writes.
  init() { (words, isReading) = ([], false) }

  /// A coder that reads.
  init(reading words: [UInt64]) { (self.words, isReading) = (words, true) }

  /// Whether all words were read.
  var isAtEnd: Bool { index == words.count }

  mutating func word(_ value: inout UInt64) {
    guard isReading else {
      words.append(value)
      return
    }
    guard index < words.count else {
      isValid = false
      return
    }
    value = words[index]
    index += 1
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

  /// Window memory.
  mutating func window(_ window: Window, count: Int) {
    guard isReading else {
      words.reserveCapacity(words.count + count)
      for place in 0..<count { words.append(window[place].bitPattern) }
      return
    }
    guard count <= words.count - index else {
      isValid = false
      return
    }
    for place in 0..<count { window[place] = Double(bitPattern: words[index + place]) }
    index += count
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

extension StateCoder {
  /// Words as bytes, the least significant first.
  static func bytes(_ words: [UInt64]) -> [UInt8] {
    words.map { $0.littleEndian }.withUnsafeBytes { Array($0) }
  }

  /// The words of bytes, whose number is a multiple of eight.
  static func words(_ bytes: [UInt8]) -> [UInt64] {
    bytes.withUnsafeBytes { memory in
      (0..<bytes.count / 8).map {
        UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
      }
    }
  }

  /// FNV-1a over words: against accidents, not against forgery.
  static func checksum(_ words: some Sequence<UInt64>) -> UInt64 {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for word in words {
      sum = (sum ^ word) &* 0x100_0000_01b3
      // The product moves bits upwards only.
      sum ^= sum >> 32
    }
    return sum
  }
}
