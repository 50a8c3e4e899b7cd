import Domain
import Glibc

/// Bytes on their way from a thread that makes them to one that takes them: a few pieces at once, so that
/// both work at the same time and neither runs far ahead.
final class Conveyor: @unchecked Sendable {
  // Safe: all that changes is touched only with `lock` held, and a piece by the one side that has it.
  private var free: [UnsafeMutableRawBufferPointer]
  private var filled: [UnsafeRawBufferPointer] = []
  private var isEnded = false
  private var isAbandoned = false
  private let pieces: [UnsafeMutableRawBufferPointer]
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private static let pieceCount = 4
  static let pieceBytes = 1 << 19

  init() {
    pieces = (0..<Self.pieceCount).map { _ in
      .allocate(byteCount: Self.pieceBytes, alignment: 4096)
    }
    free = pieces
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    for piece in pieces { piece.deallocate() }
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  /// An empty piece for who makes; nil where nobody takes any more.
  func room() -> UnsafeMutableRawBufferPointer? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while free.isEmpty, !isAbandoned { pthread_cond_wait(changed, lock) }
    return isAbandoned ? nil : free.removeLast()
  }

  /// Sends the first so many bytes of a piece.
  func send(_ piece: UnsafeMutableRawBufferPointer, count: Int) {
    change { filled.append(UnsafeRawBufferPointer(rebasing: piece[..<count])) }
  }

  /// Sends bytes that are somewhere else. They are copied.
  func send(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty, let piece = room() {
      let part = rest.prefix(piece.count)
      piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
      send(piece, count: part.count)
      rest = rest.dropFirst(part.count)
    }
  }

  /// Tells that nothing more comes.
  func end() { change { isEnded = true } }

  /// The next piece for who takes; nil at the end. It is to be given back.
  func next() -> UnsafeRawBufferPointer? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while filled.isEmpty, !isEnded { pthread_cond_wait(changed, lock) }
    return filled.isEmpty ? nil : filled.removeFirst()
  }

  /// Gives a piece back.
  func giveBack(_ piece: UnsafeRawBufferPointer) {
    guard let whole = pieces.first(where: { UnsafeRawPointer($0.baseAddress) == piece.baseAddress })
    else {
      preconditionFailure("what is given back was sent")
    }
    change { free.append(whole) }
  }

  /// Tells that nothing more is taken.
  func abandon() { change { isAbandoned = true } }

  private func change(_ body: () -> Void) {
    pthread_mutex_lock(lock)
    body()
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }
}
