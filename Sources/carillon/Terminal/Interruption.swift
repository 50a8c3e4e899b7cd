import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM during a one-shot command: what runs is asked to stop at its next safe point.
final class Interruption: Sendable {
  private let received = Mutex<Int32?>(nil)
  private let sources: Mutex<[any DispatchSourceSignal]>

  /// Calls `stop` when a signal comes, until `end()`.
  init(_ stop: @escaping @Sendable () -> Void) {
    sources = Mutex([])
    for number in [SIGINT, SIGTERM] {
      Glibc.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in
        self?.received.withLock { $0 = number }
        stop()
      }
      source.resume()
      sources.withLock { $0.append(source) }
    }
  }

  /// The signal that came, if one did.
  var signal: Int32? { received.withLock { $0 } }

  /// Lets signals do again what they do by themselves.
  func end() {
    sources.withLock { $0.forEach { $0.cancel() } }
    Glibc.signal(SIGINT, SIG_DFL)
    Glibc.signal(SIGTERM, SIG_DFL)
  }
}
