import Glibc

/// The operating system's clocks: the one file in which they appear.
public struct SystemTime: TimeSource {
  /// The operating system's clocks.
  public init() {}

  /// The wall clock (CLOCK_REALTIME), rounded down to the millisecond.
  public var now: Instant { Instant(milliseconds: Self.read(CLOCK_REALTIME)) }

  /// Time since the machine started, time asleep included (CLOCK_BOOTTIME).
  public var uptime: TimeSpan { TimeSpan(milliseconds: Self.read(CLOCK_BOOTTIME)) }

  /// Suspends the task for a span.
  public func sleep(for span: TimeSpan) async throws {
    guard span > .zero else { return }
    try await SleepQueue.shared.sleep(until: uptime + span)
  }

  /// Blocks the calling thread, which must be one of its own: for the watchdog.
  public static func block(for span: TimeSpan) {
    usleep(UInt32(clamping: span.milliseconds * 1000))
  }

  /// Blocks the calling thread for less than what a span can tell: between two looks at a lock.
  public static func block(microseconds: Int64) { usleep(UInt32(clamping: microseconds)) }

  /// The clock that the system's waits go by (CLOCK_MONOTONIC).
  static var monotonic: timespec {
    var time = timespec()
    let result = clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(result == 0, "clock_gettime failed with errno \(errno)")
    return time
  }

  /// The clock that the system's waits go by, in milliseconds.
  public static var monotonicMilliseconds: Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    let result = clock_gettime(clock, &time)
    precondition(result == 0, "clock_gettime(\(clock)) failed with errno \(errno)")
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
