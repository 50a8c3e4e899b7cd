import Dispatch
import Synchronization

/// Waits on the calling thread for work that is asynchronous: for commands that do one thing.
enum Blocking {
  /// Runs the work on Swift's own threads and waits for it.
  static func wait<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let outcome = Mutex<Result<Value, any Error>?>(nil)
    Task.detached {
      let result: Result<Value, any Error>
      do { result = .success(try await work()) } catch { result = .failure(error) }
      outcome.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    guard let result = outcome.withLock({ $0 }) else {
      preconditionFailure("the work signals after it left its result")
    }
    return try result.get()
  }
}
