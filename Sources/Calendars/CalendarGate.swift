public import Domain

// The fires of a cadence that a calendar lets through.
extension TradingCalendar {
  /// The first admitted fire strictly after an instant. Days without a session are passed over as a
  /// whole, so that the search is bounded by the number of sessions and of fires in one day.
  public func next(after time: Instant, fires: (Instant) -> Instant?) -> Instant? {
    let end = self.end
    var time = max(time, beginning - .milliseconds(1))
    while let fire = fires(time), fire < end {
      if admits(fire) { return fire }
      let day = zone.civil(at: fire).date.daysSinceEpoch
      let isAfterEarlyClose = days.isSession(day)
      guard let session = days.firstSession(atOrAfter: isAfterEarlyClose ? day + 1 : day) else {
        return nil
      }
      time = midnight(of: session) - .milliseconds(1)
    }
    return nil
  }

  /// The last admitted fire strictly before an instant.
  public func previous(before time: Instant, fires: (Instant) -> Instant?) -> Instant? {
    let beginning = self.beginning
    var time = min(time, end)
    while let fire = fires(time), fire >= beginning {
      if admits(fire) { return fire }
      let day = zone.civil(at: fire).date.daysSinceEpoch
      if let session = session(onDay: day) {
        time = session.close + .milliseconds(1)
      } else {
        guard let session = days.lastSession(atOrBefore: day) else { return nil }
        time = midnight(of: session + 1)
      }
    }
    return nil
  }

  /// The first fire of a trigger strictly after an instant.
  public func next(_ trigger: SessionTrigger, after time: Instant) -> Instant? {
    // The offset is within 12 hours, so a session two days back is over, trigger and all.
    var day = max(days.firstDay, zone.civil(at: clamped(time)).date.daysSinceEpoch - 2)
    while let found = days.firstSession(atOrAfter: day), let session = session(onDay: found) {
      let fire = trigger.time(in: session)
      if fire > time { return fire }
      day = found + 1
    }
    return nil
  }

  /// The last fire of a trigger strictly before an instant.
  public func previous(_ trigger: SessionTrigger, before time: Instant) -> Instant? {
    var day = min(days.endDay - 1, zone.civil(at: clamped(time)).date.daysSinceEpoch + 2)
    while let found = days.lastSession(atOrBefore: day), let session = session(onDay: found) {
      let fire = trigger.time(in: session)
      if fire < time { return fire }
      day = found - 1
    }
    return nil
  }

  private func midnight(of day: Int) -> Instant {
    zone.firstInstant(of: CivilDateTime(localSeconds: Int64(day) * 86_400))
  }

  /// A time near the coverage, so that the arithmetic of days stays small.
  private func clamped(_ time: Instant) -> Instant {
    min(max(time, beginning - .days(7)), end + .days(7))
  }
}
