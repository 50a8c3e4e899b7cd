import Synchronization

/// Memory that an evaluator needs while it scores: kept from one call to the next, so that scoring
/// allocates nothing once it has begun. Calls at the same time on several threads allocate their own.
final class ScratchMemory: Sendable {
  /// Where cache lines and vectors begin.
  private static let alignment = 64

  private let byteCount: Int
  /// The address of the memory while nobody has borrowed it, else 0.
  private let spare = Atomic<UInt>(0)

  init(byteCount: Int) { self.byteCount = max(byteCount, Self.alignment) }

  deinit { UnsafeMutableRawPointer(bitPattern: spare.load(ordering: .acquiring))?.deallocate() }

  /// Lends the memory; it holds whatever the last borrower left.
  @inline(__always)
  func borrow(_ body: (UnsafeMutableRawPointer) -> Void) {
    let memory =
      UnsafeMutableRawPointer(bitPattern: spare.exchange(0, ordering: .acquiring))
      ?? .allocate(byteCount: byteCount, alignment: Self.alignment)
    body(memory)
    let returned = spare.exchange(UInt(bitPattern: memory), ordering: .acquiringAndReleasing)
    UnsafeMutableRawPointer(bitPattern: returned)?.deallocate()
  }
}
