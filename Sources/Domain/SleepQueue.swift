import Glibc

/// The sleeps of all tasks of a process, on one thread of its own.
///
/// A sleep that is cancelled leaves nothing behind. Swift's `Task.sleep` keeps its timer, 700 bytes,
/// until the time is up; and most sleeps here are time-outs, which are cancelled.
final class SleepQueue: @unchecked Sendable {
  // Safe: `sleeps`, `nextID` and `hasThread` are touched only with `lock` held.
  private var sleeps: [Sleep] = []
  private var nextID: UInt64 = 0
  private var hasThread = false
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// The queue of the process.
  static let shared = SleepQueue()

  /// The thread waits on a clock that stands still while the machine is suspended, so it looks at the
  /// other one, which does not, so often at least.
  private static let longestWaitMilliseconds: Int64 = 30_000
  private static let stackSizeBytes = 256 << 10

  private struct Sleep {
    var id: UInt64
    /// The uptime at which it ends.
    var end: TimeSpan
    /// Nil while the task is on its way to wait.
    var continuation: CheckedContinuation<Void, any Error>?
    var isCancelled = false
  }

  /// A queue whose thread starts with the first sleep and stays.
  init() {
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  /// Suspends the task until an uptime.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  func sleep(until end: TimeSpan) async throws {
    let id = open(end)
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wait(id, $0) }
    } onCancel: {
      cancel(id)
    }
  }

  /// How many sleep.
  var count: Int { locked { sleeps.count } }

  private func open(_ end: TimeSpan) -> UInt64 {
    locked {
      nextID += 1
      sleeps.append(Sleep(id: nextID, end: end))
      if !hasThread {
        hasThread = true
        start()
      }
      return nextID
    }
  }

  private func wait(_ id: UInt64, _ continuation: CheckedContinuation<Void, any Error>) {
    let isCancelled = locked { () -> Bool in
      guard let place = sleeps.firstIndex(where: { $0.id == id }) else {
        preconditionFailure("a sleep stays until its task waits")
      }
      guard !sleeps[place].isCancelled else {
        sleeps.swapAt(place, sleeps.count - 1)
        sleeps.removeLast()
        return true
      }
      sleeps[place].continuation = continuation
      pthread_cond_signal(changed)
      return false
    }
    if isCancelled { continuation.resume(throwing: CancellationError()) }
  }

  private func cancel(_ id: UInt64) {
    let continuation = locked { () -> CheckedContinuation<Void, any Error>? in
      guard let place = sleeps.firstIndex(where: { $0.id == id }) else { return nil }  // it is over
      guard let continuation = sleeps[place].continuation else {
        sleeps[place].isCancelled = true
        return nil
      }
      sleeps.swapAt(place, sleeps.count - 1)
      sleeps.removeLast()
      return continuation
    }
    continuation?.resume(throwing: CancellationError())
  }

  private func start() {
    do {
      try PlainThread(stackSizeBytes: Self.stackSizeBytes) { self.run() }
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private func run() -> Never {
    pthread_mutex_lock(lock)
    while true {
      let now = SystemTime().uptime
      var ended: [CheckedContinuation<Void, any Error>] = []
      sleeps.removeAll { sleep in
        guard sleep.end <= now, let continuation = sleep.continuation else { return false }
        ended.append(continuation)
        return true
      }
      if ended.isEmpty {
        waitForChange(sleeps.filter { $0.continuation != nil }.map { $0.end - now }.min())
        continue
      }
      pthread_mutex_unlock(lock)
      for continuation in ended { continuation.resume() }
      pthread_mutex_lock(lock)
    }
  }

  /// Waits with the lock held, for ever when nobody sleeps.
  private func waitForChange(_ span: TimeSpan?) {
    guard let span else {
      pthread_cond_wait(changed, lock)
      return
    }
    var end = SystemTime.monotonic
    let wait = min(span.milliseconds, Self.longestWaitMilliseconds)
    end.tv_sec += Int(wait / 1000)
    end.tv_nsec += Int(wait % 1000) * 1_000_000
    if end.tv_nsec >= 1_000_000_000 {
      end.tv_sec += 1
      end.tv_nsec -= 1_000_000_000
    }
    pthread_cond_timedwait(changed, lock, &end)
  }

  private func locked<T>(_ body: () -> T) -> T {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}
