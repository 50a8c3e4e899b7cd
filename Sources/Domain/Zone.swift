/// A time zone of the IANA database: what the clocks of a place show at each instant.
///
/// A zone comes from `ZoneDatabase.zone(_:)`, or is `.utc`. Two zones are equal when their names
/// are.
public struct Zone: Sendable {
  /// The name in the database: `America/New_York`.
  public let name: String

  private let table: ZoneTable

  /// Coordinated Universal Time, which needs no database.
  public static let utc = Zone(
    name: "UTC", table: ZoneTable(types: [.init(offset: 0, isDaylight: false, letters: "UTC")]))

  init(name: String, table: ZoneTable) { (self.name, self.table) = (name, table) }

  /// The stretch of constant offset that holds an instant.
  public func span(at time: Instant) -> ZoneSpan { table.span(at: time.seconds) }

  /// The stretch of constant offset that holds a time given in seconds since the Unix epoch.
  public func span(atSecond second: Int64) -> ZoneSpan { table.span(at: second) }

  /// Seconds that the clocks are ahead of UTC.
  public func offsetSeconds(at time: Instant) -> Int { Int(span(at: time).offset) }

  /// The letters of the time kept, such as `EST`, `EDT` or `+0530`.
  public func abbreviation(at time: Instant) -> String { table.letters(at: time.seconds) }

  /// Whether the database calls the time kept daylight saving.
  public func isDaylight(at time: Instant) -> Bool { table.isDaylight(at: time.seconds) }

  /// What the clocks show, milliseconds cut.
  public func civil(at time: Instant) -> CivilDateTime {
    CivilDateTime(localSeconds: time.seconds + Int64(span(at: time).offset))
  }

  /// The first instant at which the clocks show this time or, when they jump over it, the instant
  /// of the jump.
  public func firstInstant(of time: CivilDateTime) -> Instant {
    let local = time.localSeconds
    // No offset of the database exceeds 26 hours, so the time has not come yet where this begins.
    var span = span(atSecond: local - 26 * 3600)
    while local >= span.end + Int64(span.offset) { span = self.span(atSecond: span.end) }
    return Instant(seconds: max(span.start, local - Int64(span.offset)))
  }

  /// The instants in a range at which the clocks change, oldest first; the changes of the letters
  /// alone are left out.
  public func transitions(in range: Range<Instant>) -> [Instant] {
    var found: [Instant] = []
    var span = span(at: range.lowerBound)
    while span.end < ZoneSpan.endOfTime, Instant(seconds: span.end) < range.upperBound {
      let following = self.span(atSecond: span.end)
      if following.offset != span.offset { found.append(Instant(seconds: span.end)) }
      span = following
    }
    return found
  }
}

extension Zone: Hashable {
  /// Whether the names are equal.
  public static func == (a: Zone, b: Zone) -> Bool { a.name == b.name }

  /// Feeds the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Zone: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

/// A stretch of time during which a zone keeps one offset from UTC.
public struct ZoneSpan: Hashable, Sendable {
  /// Its first second, since the Unix epoch; `beginningOfTime` for the first stretch.
  public var start: Int64
  /// The first second of the next stretch; `endOfTime` for the last one.
  public var end: Int64
  /// The furthest that the clocks had got before this stretch, in local seconds: where `start` plus
  /// `offset` is later, the clocks jumped over a gap; where it is earlier, they show the times up
  /// to here once more.
  public var reached: Int64
  /// Seconds that the clocks are ahead of UTC.
  public var offset: Int32

  /// Earlier than all transitions, and far enough from the smallest integer to add offsets to.
  public static let beginningOfTime: Int64 = -(1 << 60)
  /// Later than all transitions.
  public static let endOfTime: Int64 = 1 << 60
}
