import Domain
import Synchronization

/// What somebody sleeps on who looks around from time to time, and at once when it is rung.
final class Doorbell: Sendable {
  private struct State {
    var isRung = false
    var sleeper: Task<Void, Never>?
  }

  private let state = Mutex(State())

  /// Ends the present or the next sleep; callable from every thread.
  func ring() {
    state.withLock {
      $0.isRung = true
      $0.sleeper?.cancel()
    }
  }

  /// Sleeps for so long, or until it is rung. For one sleeper.
  func wait(for span: TimeSpan, _ time: some TimeSource) async {
    let sleeper = Task {
      do { try await time.sleep(for: span) } catch {}  // it was rung
    }
    let isRung = state.withLock { state in
      state.sleeper = sleeper
      return state.isRung
    }
    if isRung { sleeper.cancel() }
    await sleeper.value
    // Whoever rang by now is answered by the look that follows.
    state.withLock { $0 = State() }
  }
}
