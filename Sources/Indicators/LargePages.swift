import Glibc

/// Memory in pages of 2 MB: the first touch of a fresh column of a million numbers costs as much as
/// computing it where the kernel must hand out 2,000 small pages.
enum LargePages {
  private static let pageByteCount = 2 << 20

  /// Asks the kernel for large pages where whole ones fit; it may refuse, and nothing else changes.
  static func advise(_ memory: UnsafeMutableBufferPointer<Double>) {
    guard let base = memory.baseAddress, memory.count * 8 >= 2 * pageByteCount else { return }
    let start = (UInt(bitPattern: base) + UInt(pageByteCount) - 1) & ~(UInt(pageByteCount) - 1)
    let end = (UInt(bitPattern: base) + UInt(memory.count * 8)) & ~(UInt(pageByteCount) - 1)
    guard end > start, let first = UnsafeMutableRawPointer(bitPattern: start) else { return }
    _ = madvise(first, Int(end - start), MADV_HUGEPAGE)
  }
}
