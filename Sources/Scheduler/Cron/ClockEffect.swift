public import Domain

/// What a change of the clocks does to one fire.
public struct ClockEffect: Hashable, Sendable {
  /// What becomes of it.
  public enum Outcome: Hashable, Sendable {
    /// The clocks jump over its time, and it fires at the jump, once with all others that do.
    case moved(to: Instant)
    /// The clocks jump over its time, and it does not fire.
    case dropped
    /// The clocks show its time twice, and it fires both times.
    case doubled(Instant, Instant)
  }

  /// When it would fire, on the clocks of the zone.
  public var nominal: CivilDateTime
  /// The zone.
  public var zone: Zone
  /// When the clocks change.
  public var change: Instant
  /// What becomes of it.
  public var outcome: Outcome
}

extension ClockEffect: CustomStringConvertible {
  /// `2027-03-14 02:30 does not exist in America/New_York: fires at 03:00 EDT`.
  public var description: String {
    func clock(_ time: Instant) -> String {
      let civil = zone.civil(at: time)
      return "\(CronWords.clock(civil.hour, civil.minute)) \(zone.abbreviation(at: time))"
    }
    return switch outcome {
    case .moved(let time): "\(nominal) does not exist in \(zone): fires at \(clock(time))"
    case .dropped: "\(nominal) does not exist in \(zone): does not fire"
    case .doubled(let first, let second):
      "\(nominal) comes twice in \(zone): fires at \(clock(first)) and at \(clock(second))"
    }
  }
}

extension CronExpression {
  /// The fires that changes of a zone's clocks in a range move, drop or double, oldest first. A
  /// repeated time at which a fixed expression fires the first time only is none of them.
  public func clockEffects(in zone: Zone, over range: Range<Instant>) -> [ClockEffect] {
    guard case .fields(let fields) = rule else { return [] }
    var effects: [ClockEffect] = []
    for change in zone.transitions(in: range) {
      let before = zone.span(atSecond: change.seconds - 1)
      let after = zone.span(at: change)
      let begin = change.seconds + Int64(after.offset)
      let isCorrection = begin - after.reached > CronFields.longestShiftSeconds
      for local in fields.matches(from: after.reached, to: begin) {
        effects.append(
          ClockEffect(
            nominal: CivilDateTime(localSeconds: local), zone: zone, change: change,
            outcome: isWildcard || isCorrection ? .dropped : .moved(to: change)))
      }
      guard isWildcard else { continue }
      for local in fields.matches(from: begin, to: after.reached) {
        effects.append(
          ClockEffect(
            nominal: CivilDateTime(localSeconds: local), zone: zone, change: change,
            outcome: .doubled(
              Instant(seconds: local - Int64(before.offset)),
              Instant(seconds: local - Int64(after.offset)))))
      }
    }
    return effects
  }
}

extension CronFields {
  /// The matching minutes of a stretch of local time, all in seconds.
  fileprivate func matches(from: Int64, to end: Int64) -> [Int64] {
    var matches: [Int64] = []
    var from = from
    while from < end {
      let match = first(atOrAfter: Int((from + 59).flooringQuotient(60)))
      guard match != Self.none, Int64(match) * 60 < end else { break }
      matches.append(Int64(match) * 60)
      from = Int64(match) * 60 + 60
    }
    return matches
  }
}
