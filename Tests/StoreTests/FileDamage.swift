import Glibc

/// What may befall a file: bits that are flipped, and an end that is missing.
enum FileDamage {
  /// How far the bits and lengths that are tried lie apart: so far, unless SNAPSHOT_BITS=all asks for each
  /// (make prove-snapshots).
  static func step(_ sample: Int) -> Int {
    getenv("SNAPSHOT_BITS").map { String(cString: $0) } == "all" ? 1 : sample
  }

  /// Hands over the bytes of a file with one bit flipped, and cut to each length, one after the other.
  ///
  /// - Parameters:
  ///   - lengths: how long it may be cut to.
  ///   - look: takes the bytes, and what was done to them.
  /// - Returns: how many there were.
  static func each(
    of whole: [UInt8], lengths: Range<Int>, step: Int, _ look: ([UInt8], String) -> Void
  ) -> Int {
    var count = 0
    for bit in stride(from: 0, to: whole.count * 8, by: step) {
      var flipped = whole
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      look(flipped, "bit \(bit)")
      count += 1
    }
    for length in stride(from: lengths.lowerBound, to: lengths.upperBound, by: step) {
      look(Array(whole[..<length]), "\(length) bytes")
      count += 1
    }
    return count
  }
}
