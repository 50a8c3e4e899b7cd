/// A date and a time of day as a clock on the wall shows them, without a zone.
public struct CivilDateTime: Hashable, Comparable, Sendable {
  /// The day.
  public var date: CivilDate
  /// The time of day in seconds since midnight, 0 to 86,399.
  public var secondOfDay: Int

  /// The hour, 0 to 23.
  public var hour: Int { secondOfDay / 3600 }
  /// The minute, 0 to 59.
  public var minute: Int { secondOfDay / 60 % 60 }
  /// The second, 0 to 59.
  public var second: Int { secondOfDay % 60 }

  /// A date and a time of day, which are not checked.
  public init(date: CivilDate, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    self.date = date
    secondOfDay = (hour * 60 + minute) * 60 + second
  }

  /// The date and time of so many seconds after 1970-01-01 00:00:00 on the same wall clock.
  public init(localSeconds: Int64) {
    let days = localSeconds.flooringQuotient(86_400)
    date = CivilDate(daysSinceEpoch: Int(days))
    secondOfDay = Int(localSeconds - days * 86_400)
  }

  /// Seconds after 1970-01-01 00:00:00 on the same wall clock.
  public var localSeconds: Int64 { Int64(date.daysSinceEpoch) * 86_400 + Int64(secondOfDay) }

  /// Orders by time.
  public static func < (a: CivilDateTime, b: CivilDateTime) -> Bool {
    (a.date, a.secondOfDay) < (b.date, b.secondOfDay)
  }
}

extension CivilDateTime: CustomStringConvertible {
  /// `2026-03-08 07:00`, with `:30` after it only when the seconds are not zero.
  public var description: String {
    let tail = second == 0 ? "" : ":\(padded(second, 2))"
    return "\(date) \(padded(hour, 2)):\(padded(minute, 2))\(tail)"
  }
}
