import Synchronization

/// A continuation that is resumed once, by whoever is first.
final class OneAnswer<Value: Sendable>: Sendable {
  private enum State {
    case nobodyWaits
    case waiting(CheckedContinuation<Value, any Error>)
    case given
  }

  private let state = Mutex(State.nobodyWaits)

  func expect(_ continuation: CheckedContinuation<Value, any Error>) {
    state.withLock { $0 = .waiting(continuation) }
  }

  var isGiven: Bool {
    state.withLock { if case .given = $0 { true } else { false } }
  }

  func give(_ result: Result<Value, any Error>) {
    let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      guard case .waiting(let continuation) = state else { return nil }
      state = .given
      return continuation
    }
    continuation?.resume(with: result)
  }
}
