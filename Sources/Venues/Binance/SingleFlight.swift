import Synchronization

/// A question that is under way once at most: who asks meanwhile waits for the same answer.
final class SingleFlight<Value: Sendable>: Sendable {
  private let flight = Mutex<Task<Value, any Error>?>(nil)

  /// The answer, or the error, of the question that is under way, or of a new one.
  ///
  /// A caller that is cancelled does not take the answer from the others.
  func value(_ ask: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = flight.withLock { flight in
      if let flight { return flight }
      let task = Task {
        defer { self.flight.withLock { $0 = nil } }
        return try await ask()
      }
      flight = task
      return task
    }
    return try await task.value
  }
}
