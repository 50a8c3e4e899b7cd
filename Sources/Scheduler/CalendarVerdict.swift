import Calendars
public import Domain

/// Why a calendar lets a fire of a cadence not be one.
public struct CalendarVerdict: Hashable, Sendable {
  /// In words.
  public let words: String

  /// Why the calendar bars an instant at which the cadence would fire without it; nil when it would
  /// not, or when there is no calendar. Of sessions, why the day of an instant has no fire.
  public init?(_ cadence: Cadence, at time: Instant) {
    guard let calendar = cadence.calendar else { return nil }
    if let expression = cadence.expression {
      let bare = Cadence.cron(expression, zone: cadence.zone)
      guard bare.next(after: time - .milliseconds(1)) == time, !calendar.admits(time) else {
        return nil
      }
    }
    let date = calendar.zone.civil(at: time).date
    if !calendar.coverage.contains(date) {
      words =
        "calendar \(calendar.name) knows the days from \(calendar.coverage.lowerBound) to "
        + "\(calendar.coverage.upperBound) only"
    } else if let session = calendar.session(on: date) {
      guard session.isEarlyClose, time > session.close else { return nil }
      words = "\(calendar.name) closes early on \(date), at \(session.close)"
    } else {
      words = "\(calendar.name) has no session on \(date)"
    }
  }
}

extension Cadence {
  /// What changes of the clocks do to the fires of the day of an instant, on the clocks of the
  /// cadence's zone.
  public func effects(near time: Instant) -> [ClockEffect] {
    guard let expression else { return [] }
    let date = zone.civil(at: time).date
    return expression.clockEffects(in: zone, over: time - .days(2)..<time + .days(2)).filter {
      $0.nominal.date == date
    }
  }
}
