import Domain
import Store

/// When the loop may ask something of a ledger that refused: a value that is told the uptime.
///
/// The loop's statements wait half a second at most for whoever else writes. What was refused then is
/// not waited for: turns go on, and it is asked again by the loop's own timer, at pauses that grow.
struct LedgerRetry {
  private var backoff: StorageBackoff?

  /// The uptime of the next attempt; nil while nothing is refused.
  private(set) var next: TimeSpan?

  /// Whether anything may be asked: nothing is refused, or it is time to try again.
  func allows(at uptime: TimeSpan) -> Bool { next.map { uptime >= $0 } ?? true }

  /// The ledger refused in a turn that began at an uptime. The pause counts from when the refusal can
  /// have come at the latest, or a loop that waits out each attempt would do nothing else.
  mutating func refused(at uptime: TimeSpan) {
    var backoff = backoff ?? StorageBackoff(began: uptime, patience: .days(1))
    let pause = backoff.next(at: uptime) ?? StorageBackoff.longestPause
    next = uptime + Store.longestPromptWait + pause
    self.backoff = backoff
  }

  /// The ledger took something.
  mutating func worked() { (backoff, next) = (nil, nil) }
}
