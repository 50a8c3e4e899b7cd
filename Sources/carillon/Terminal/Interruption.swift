import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM during a one-shot command: what runs is asked to stop at its next safe point.
final class Interruption: @unchecked Sendable {
  // Safe: `sources` never changes after `init`, and dispatch sources may be cancelled from anywhere.
  private let sources: [any DispatchSourceSignal]
  private let received: Received

  private final class Received: Sendable {
    let signal = Mutex<Int32?>(nil)
  }

  /// Calls `stop` when a signal comes, until `end()`.
  init(_ stop: @escaping @Sendable () -> Void) {
    let received = Received()
    self.received = received
    sources = [SIGINT, SIGTERM].map { number in
      Glibc.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        received.signal.withLock { $0 = number }
        stop()
      }
      source.resume()
      return source
    }
  }

  /// The signal that came, if one did.
  var signal: Int32? { received.signal.withLock { $0 } }

  /// Lets signals do again what they do by themselves.
  func end() {
    sources.forEach { $0.cancel() }
    Glibc.signal(SIGINT, SIG_DFL)
    Glibc.signal(SIGTERM, SIG_DFL)
  }
}
