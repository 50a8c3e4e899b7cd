import Domain
import Jobs
import Synchronization
import Testing

/// A clock on which a short sleep passes at once and takes its time: what a rebalance waits for its
/// sales. Longer ones, which are time-outs, wait for cancellation.
struct PassingTime: TimeSource {
  let time: StillTime
  private static let longestPause = TimeSpan.minutes(1)

  var now: Instant { time.now }
  var uptime: TimeSpan { time.uptime }

  func sleep(for span: TimeSpan) async throws {
    guard span <= Self.longestPause else { return try await time.sleep(for: span) }
    time.set(time.now + span)
    try Task.checkCancellation()
  }
}

/// A clock that cuts whoever asks it for the time, once something holds: the task is cancelled, and its
/// run ends at the next safe point, as a run that was told to stop does.
///
/// What holds is asked inside of transactions too: ask a store of its own.
final class CuttingTime: TimeSource {
  private let time: PassingTime
  private let looks = Atomic<Int>(0)
  private let isDue: @Sendable (_ look: Int) throws -> Bool
  /// The task that waits for the run; to cancel it would cut all that the test does afterwards.
  private let waiting: Int?

  /// - Parameter isDue: whether it cuts at a look at the clock; the looks are counted from 1.
  init(_ time: StillTime, isDue: @escaping @Sendable (_ look: Int) throws -> Bool) {
    (self.time, self.isDue) = (PassingTime(time: time), isDue)
    waiting = withUnsafeCurrentTask { $0?.hashValue }
  }

  var now: Instant {
    let look = looks.add(1, ordering: .relaxed).newValue
    do {
      if try isDue(look) {
        withUnsafeCurrentTask { task in
          if task?.hashValue != waiting { task?.cancel() }
        }
      }
    } catch {
      Issue.record(error)
    }
    return time.now
  }

  var uptime: TimeSpan { time.uptime }

  func sleep(for span: TimeSpan) async throws { try await time.sleep(for: span) }
}
