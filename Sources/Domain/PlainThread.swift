import Glibc
import Synchronization

/// A thread of the system, for what blocks: nothing of it runs on Swift's cooperative pool.
public struct PlainThread: Sendable {
  private let id: pthread_t

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - stackSizeBytes: the size of its stack; the system's default where it is nil.
  ///   - isDetached: whether nobody waits for its end; otherwise somebody must `join`.
  ///   - body: what it does; it ends with it.
  /// - Throws: exit 69 when the system has no room for another thread.
  @discardableResult
  public init(
    stackSizeBytes: Int? = nil, isDetached: Bool = true, _ body: @escaping @Sendable () -> Void
  ) throws(Fault) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if let stackSizeBytes { pthread_attr_setstacksize(&attributes, stackSizeBytes) }
    if isDetached { pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) }
    var id = pthread_t()
    let box = Unmanaged.passRetained(Body(body))
    let result = pthread_create(
      &id, &attributes,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard result == 0 else {
      box.release()
      throw Fault(
        "start", "a thread", cause: String(cString: strerror(result)),
        remedy:
          "raise the limits of threads and memory of this user (ulimit -u, ulimit -v, ulimit -d)",
        exit: .unavailable)
    }
    self.id = id
  }

  /// Shows that so many threads can live at once, with stacks of the system's default size.
  ///
  /// - Throws: exit 69 when the system has no room for them.
  public static func probe(_ count: Int) throws(Fault) {
    let door = Mutex(false)
    var threads: [PlainThread] = []
    defer {
      door.withLock { $0 = true }
      for thread in threads { thread.join() }
    }
    for _ in 0..<count {
      threads.append(
        try PlainThread(isDetached: false) {
          // Until all of them are there: one that has ended leaves its room to the next.
          while door.withLock({ !$0 }) { SystemTime.block(for: .milliseconds(1)) }
        })
    }
  }

  /// Waits for its end. Once, and only where it is not detached.
  public func join() { pthread_join(id, nil) }
}

private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
