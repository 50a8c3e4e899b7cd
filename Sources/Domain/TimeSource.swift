/// Where time comes from: the operating system in production, a driven clock in simulation.
///
/// The design's only ambient door to time; everything else takes a `now:` argument.
public protocol TimeSource: Sendable {
  /// The wall clock. It can jump in both directions.
  var now: Instant { get }
  /// Time since some fixed start, which never jumps and counts time asleep (CLOCK_BOOTTIME).
  var uptime: TimeSpan { get }
  /// Suspends the caller for a span of uptime; returns at once for a span that is not positive.
  ///
  /// - Throws: `CancellationError` when the task is cancelled.
  func sleep(for span: TimeSpan) async throws
}
