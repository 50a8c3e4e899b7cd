internal import Domain

// From matching local minutes to instants: where the clocks of a zone skip or repeat.
extension CronFields {
  /// The longest jump of the clocks that is daylight saving; a longer one is a correction.
  static let longestShiftSeconds: Int64 = 3 * 3600

  /// 9999-12-31T23:59:59 in seconds; no search goes further.
  private static let latestSecond: Int64 = 253_402_300_799

  /// The first fire strictly after an instant.
  func next(after time: Instant, in zone: Zone) -> Instant? {
    var lower = max(time.seconds, Self.earliestSecond) + 1
    var span = zone.span(atSecond: lower)
    // No minute from `searched` until `match` matches; kept from stretch to stretch, so that a rare
    // expression is not searched for anew in each.
    var searched = Int64.max
    var match = Self.none
    while lower <= Self.latestSecond {
      let offset = Int64(span.offset)
      var local = lower + offset
      if !isWildcard {
        if lower == span.start, local > span.reached {
          if local - span.reached <= Self.longestShiftSeconds {
            seek(span.reached, &searched, &match)
            guard match != Self.none else { return nil }
            if Int64(match) * 60 < local { return Instant(seconds: lower) }
          }
        } else {
          local = max(local, span.reached)
        }
      }
      seek(local, &searched, &match)
      guard match != Self.none else { return nil }
      let fire = Int64(match) * 60 - offset
      if fire < span.end { return fire <= Self.latestSecond ? Instant(seconds: fire) : nil }
      lower = span.end
      span = zone.span(atSecond: lower)
    }
    return nil
  }

  /// Finds the first match at or after a local second.
  @inline(__always)
  private func seek(_ local: Int64, _ searched: inout Int64, _ match: inout Int) {
    if local >= searched, match == Self.none || local <= Int64(match) * 60 { return }
    searched = local
    match = first(atOrAfter: Int((local + 59).flooringQuotient(60)))
  }

  /// The last fire strictly before an instant.
  func previous(before time: Instant, in zone: Zone) -> Instant? {
    guard time.seconds > Self.earliestSecond else { return nil }
    var upper = min((time.milliseconds - 1).flooringQuotient(1000), Self.latestSecond)
    var span = zone.span(atSecond: upper)
    var searched = Int64.min
    var match = Self.none
    while upper >= Self.earliestSecond {
      let offset = Int64(span.offset)
      let begin = span.start + offset
      seekBack(upper + offset, &searched, &match)
      guard match != Self.none else { return nil }
      let local = Int64(match) * 60
      if local >= begin, isWildcard || local >= span.reached {
        let fire = local - offset
        return fire >= Self.earliestSecond ? Instant(seconds: fire) : nil
      }
      if !isWildcard, begin > span.reached, begin - span.reached <= Self.longestShiftSeconds {
        seekBack(begin - 1, &searched, &match)
        guard match != Self.none else { return nil }
        if Int64(match) * 60 >= span.reached { return Instant(seconds: span.start) }
      }
      upper = span.start - 1
      span = zone.span(atSecond: upper)
    }
    return nil
  }

  /// Finds the last match at or before a local second.
  private func seekBack(_ local: Int64, _ searched: inout Int64, _ match: inout Int) {
    if local <= searched, match == Self.none || local >= Int64(match) * 60 { return }
    searched = local
    match = last(atOrBefore: Int(local.flooringQuotient(60)))
  }
}
