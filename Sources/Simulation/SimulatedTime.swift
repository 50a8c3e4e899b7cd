public import Domain
import Synchronization

/// A clock that somebody else drives: the wall clock and uptime of a simulation, which move only
/// when told to, and can be told to disagree.
public final class SimulatedTime: TimeSource {
  private struct State {
    var now: Instant
    var uptime = TimeSpan.zero
    var sleepers: [(id: Int, due: TimeSpan, wake: CheckedContinuation<Void, any Error>)] = []
    var cancelled: Set<Int> = []
    var nextID = 0
  }

  private let state: Mutex<State>

  /// A clock that shows `start`, zero after the simulated machine started.
  public init(start: Instant) { state = Mutex(State(now: start)) }

  /// The simulated wall clock.
  public var now: Instant { state.withLock { $0.now } }

  /// The simulated time since the machine started.
  public var uptime: TimeSpan { state.withLock { $0.uptime } }

  /// Moves both clocks forward to an instant, waking whoever sleeps until then; does nothing when
  /// the wall clock is there already.
  public func advance(to instant: Instant) {
    advance(by: instant - now)
  }

  /// Moves both clocks forward by a span; does nothing for a span that is not positive.
  public func advance(by span: TimeSpan) {
    guard span > .zero else { return }
    let due = state.withLock { state in
      state.now = state.now + span
      state.uptime = state.uptime + span
      let due = state.sleepers.filter { $0.due <= state.uptime }
      state.sleepers.removeAll { $0.due <= state.uptime }
      return due
    }
    for sleeper in due { sleeper.wake.resume() }
  }

  /// Sets the wall clock alone, as an administrator or a time server does.
  public func setWallClock(to instant: Instant) {
    state.withLock { $0.now = instant }
  }

  /// Suspends the caller until the clock was driven far enough.
  ///
  /// - Throws: `CancellationError` when the task is cancelled.
  public func sleep(for span: TimeSpan) async throws {
    guard span > .zero else { return }
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    defer { state.withLock { _ = $0.cancelled.remove(id) } }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isCancelled = state.withLock { state in
          if state.cancelled.contains(id) { return true }
          state.sleepers.append((id, state.uptime + span, continuation))
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> CheckedContinuation<Void, any Error>? in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.sleepers.remove(at: index).wake
      }
      sleeper?.resume(throwing: CancellationError())
    }
  }
}
