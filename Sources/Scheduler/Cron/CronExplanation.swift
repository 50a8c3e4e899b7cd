import Calendars
public import Domain

/// What a cadence does, told to a person: in words, by its next and previous fires, and by the fires
/// that daylight saving touches.
public struct CronExplanation: Hashable, Sendable {
  /// How many days ahead the effects of daylight saving are listed: more than a year, so that every
  /// change of it is seen.
  public static let horizon = TimeSpan.days(400)

  /// The cadence in words.
  public let words: String
  /// What is legal but often a mistake.
  public let warnings: [CronWarning]
  /// The next five fires, or fewer where the calendar ends.
  public let next: [Instant]
  /// The last three fires, newest first.
  public let previous: [Instant]
  /// The fires of the next 400 days that changes of the clocks move, drop or double.
  public let clockEffects: [ClockEffect]

  /// The explanation of a cadence at an instant; a fire at that very instant is neither a next nor a
  /// previous one.
  public init(of cadence: Cadence, at now: Instant, nextCount: Int = 5, previousCount: Int = 3) {
    words = cadence.words
    warnings = cadence.expression?.warnings ?? []
    var fires: [Instant] = []
    while fires.count < nextCount, let fire = cadence.next(after: fires.last ?? now) {
      fires.append(fire)
    }
    next = fires
    fires = []
    while fires.count < previousCount, let fire = cadence.previous(before: fires.last ?? now) {
      fires.append(fire)
    }
    previous = fires
    clockEffects = cadence.clockEffects(over: now..<now + Self.horizon)
  }
}

extension Cadence {
  /// What fires, in words: `at 09:30, on Mondays to Fridays, on the clocks of America/New_York`.
  public var words: String {
    guard let calendar else {
      return expression.map { "\($0.words), on the clocks of \(zone)" } ?? everyWords
    }
    if let trigger {
      return "\(trigger.words) each session of \(calendar.name)"
    }
    let fires = expression.map { "\($0.words), on the clocks of \(zone)" } ?? everyWords
    return "\(fires), on days of trading at \(calendar.name), up to the close where it is early"
  }

  /// The fires that changes of the clocks in a range move, drop or double; those that the calendar
  /// bars are left out.
  public func clockEffects(over range: Range<Instant>) -> [ClockEffect] {
    let effects = expression?.clockEffects(in: zone, over: range) ?? []
    guard let calendar else { return effects }
    return effects.filter { effect in
      switch effect.outcome {
      case .moved(let time): calendar.admits(time)
      case .doubled(let first, let second): calendar.admits(first) || calendar.admits(second)
      case .dropped: calendar.admits(effect.change)
      }
    }
  }
}
