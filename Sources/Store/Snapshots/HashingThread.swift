import Cryptography
import Domain
import Synchronization

/// A SHA-256 that is made on a thread of its own, beside what else is done with the same bytes.
final class HashingThread {
  private let conveyor = Conveyor()
  private let box: Box
  private let thread: PlainThread
  private var isJoined = false

  /// - Throws: exit 69 when the system has no room for a thread.
  init() throws(Fault) {
    let (conveyor, box) = (conveyor, Box())
    self.box = box
    thread = try PlainThread(isDetached: false) {
      let hash = SHA256()
      while let piece = conveyor.next() {
        hash.update(piece)
        conveyor.giveBack(piece)
      }
      box.digest.withLock { $0 = hash.hexadecimal() }
    }
  }

  deinit { join() }

  private final class Box: Sendable {
    let digest = Mutex("")
  }

  /// Adds bytes, which are copied.
  func add(_ bytes: UnsafeRawBufferPointer) { conveyor.send(bytes) }

  /// The digest of all that was added, in hexadecimal.
  func finish() -> String {
    join()
    return box.digest.withLock { $0 }
  }

  private func join() {
    guard !isJoined else { return }
    isJoined = true
    conveyor.end()
    thread.join()
  }
}
