/// Numbers as they stand in a blob: little-endian IEEE 754 doubles, one after the other.
enum Float64Blob {
  static func withBytes<T>(
    _ values: [Double], _ body: (UnsafeRawBufferPointer) throws -> T
  ) rethrows -> T {
    try values.map { $0.bitPattern.littleEndian }.withUnsafeBytes(body)
  }

  /// Nil when the bytes are no whole number of doubles.
  static func values(_ bytes: UnsafeRawBufferPointer) -> [Double]? {
    let size = MemoryLayout<UInt64>.size
    guard bytes.count % size == 0 else { return nil }
    return (0..<bytes.count / size).map { index in
      let bits = bytes.loadUnaligned(fromByteOffset: index * size, as: UInt64.self)
      return Double(bitPattern: UInt64(littleEndian: bits))
    }
  }
}
