import Domain
import Logging
import Scheduler

extension ShutdownState {
  /// The time that jobs have to finish: the longest time-out and a little, but no longer than the
  /// supervisor waits.
  static func drainTimeout(
    of schedule: Schedule, stopGrace: TimeSpan?, log: Logger
  ) -> TimeSpan {
    let wanted = schedule.longestTimeout + .seconds(10)
    guard let stopGrace else { return wanted }
    let room = stopGrace - .seconds(5)
    guard wanted > room else { return wanted }
    let clamped = max(room, .seconds(1))
    log.warning(
      "the stop grace of \(stopGrace) is shorter than a drain may take (\(wanted)): draining stops after \(clamped)",
      metadata: [
        "mend": "raise CARILLON_STOP_GRACE (and stop_grace_period) above \(wanted + .seconds(5))"
      ])
    return clamped
  }
}
