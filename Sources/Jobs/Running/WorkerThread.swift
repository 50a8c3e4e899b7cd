import CLinux
import Domain
import Glibc
import Synchronization

/// A thread of its own that runs what is handed to it, in order: the executor of one job at a time.
///
/// Jobs never run on Swift's cooperative pool, whose width is the core count: on one core a job that
/// computes for three seconds would hold every tick, time-out and probe for three seconds. Blocking
/// database calls belong here for the same reason.
public final class WorkerThread: TaskExecutor, @unchecked Sendable {
  // Safe: `queue` and `isStopping` are touched only with `lock` held.
  private var queue: [UnownedJob] = []
  private var isStopping = false
  private let name: String
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// The size of the thread's stack: recursion over model files and YAML is bounded well below it.
  private static let stackSizeBytes = 2 << 20

  /// Starts the thread, named for debuggers (15 characters at most are kept).
  public init(name: String) {
    self.name = String(name.prefix(15))
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
    do {
      try PlainThread(stackSizeBytes: Self.stackSizeBytes) { self.run() }
    } catch {
      preconditionFailure("\(error)")
    }
  }

  deinit {
    pthread_mutex_destroy(lock)
    pthread_cond_destroy(wake)
    lock.deallocate()
    wake.deallocate()
  }

  /// Takes a piece of a task; Swift's runtime calls this.
  public func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    pthread_mutex_lock(lock)
    queue.append(unowned)
    pthread_cond_signal(wake)
    pthread_mutex_unlock(lock)
  }

  /// Ends the thread once its queue is empty; nothing may be enqueued afterwards.
  public func stop() {
    pthread_mutex_lock(lock)
    isStopping = true
    pthread_cond_signal(wake)
    pthread_mutex_unlock(lock)
  }

  private func run() {
    carillon_name_thread(name)
    while true {
      pthread_mutex_lock(lock)
      while queue.isEmpty, !isStopping { pthread_cond_wait(wake, lock) }
      let batch = queue
      queue.removeAll(keepingCapacity: true)
      let stopping = isStopping
      pthread_mutex_unlock(lock)
      for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
      if stopping, batch.isEmpty { return }
    }
  }
}

/// A fixed number of worker threads, started when first needed and reused.
public final class WorkerPool: Sendable {
  private struct State {
    var idle: [WorkerThread] = []
    var started = 0
    var isStopped = false
  }

  /// How many runs may be under way at once.
  public let size: Int
  private let state = Mutex(State())

  /// A pool of `size` workers, 1 at least.
  public init(size: Int) {
    precondition(size >= 1)
    self.size = size
  }

  /// A worker that nobody else uses until it is given back; nil when all are busy.
  public func take() -> WorkerThread? {
    state.withLock { state in
      if let worker = state.idle.popLast() { return worker }
      guard state.started < size, !state.isStopped else { return nil }
      state.started += 1
      return WorkerThread(name: "worker-\(state.started)")
    }
  }

  /// Gives a worker back.
  public func give(_ worker: WorkerThread) {
    state.withLock { state in
      if state.isStopped { worker.stop() } else { state.idle.append(worker) }
    }
  }

  /// Ends the idle workers now and the busy ones when they are given back.
  public func stop() {
    state.withLock { state in
      state.isStopped = true
      state.idle.forEach { $0.stop() }
      state.idle = []
    }
  }
}
