import Domain
import Jobs
import Scheduler
import Synchronization

/// Where runs leave word of their end for the loop, which picks it up on its own thread.
final class Mailbox: Sendable {
  /// How a run that this process claimed came to its end.
  struct Letter: Sendable {
    /// The run.
    var run: ClaimedRun
    /// Its end, or why it could not even be recorded.
    var end: Result<RunEnd, any Error>

    /// How long its model took to score; nil when it asked none, or did not come to it.
    var scoring: TimeSpan? {
      guard case .success(let end) = end else { return nil }
      return end.result?.scoring
    }

    /// What a watcher is told of it; nothing of a run that is owed or was not tried.
    var news: PingSender.News? {
      guard case .success(let end) = end else { return nil }
      return switch end.state {
      case .succeeded: .succeeded
      case .failed, .timedOut: .failed(end.reason ?? "\(end.state)")
      case .running, .deferred, .interrupted, .skipped, .coalesced, .missed: nil
      }
    }
  }

  private let letters = Mutex<[Letter]>([])
  private let readings = Mutex<[ClockReading]>([])
  private let alarm: Alarm

  /// A mailbox that wakes the loop when a letter comes.
  init(alarm: Alarm) { self.alarm = alarm }

  /// Leaves a letter and wakes the loop.
  func leave(_ letter: Letter) {
    letters.withLock { $0.append(letter) }
    alarm.ring()
  }

  /// Leaves word of what is known of the clock from elsewhere, and wakes the loop.
  func leave(_ reading: ClockReading) {
    readings.withLock { $0.append(reading) }
    alarm.ring()
  }

  /// Takes all that is known of the clock.
  func takeReadings() -> [ClockReading] {
    readings.withLock { readings in
      defer { readings = [] }
      return readings
    }
  }

  /// Takes all letters.
  func take() -> [Letter] {
    letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}
