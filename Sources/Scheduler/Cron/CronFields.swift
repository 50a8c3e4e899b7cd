internal import Domain

/// The five fields of an expression as sets of bits, and the search through local time for the
/// minutes that match. Zones are dealt with in CronFiring.swift.
///
/// A class, so that asking for a fire copies a reference and not the sets.
final class CronFields: Sendable {
  /// Bits 0 to 59.
  let minutes: UInt64
  /// Bits 0 to 23.
  let hours: UInt32
  /// Bits 1 to 12.
  let months: UInt32
  /// Bits 1 to 31 for each shape of month, at (length - 28) * 7 + the weekday of its first day: the
  /// day-of-month and the day-of-week field with the rule that joins them.
  let days: InlineArray<28, UInt32>
  /// See `CronExpression.isWildcard`.
  let isWildcard: Bool

  /// What a search answers when nothing matches.
  static let none = Int.min
  /// 0001-01-01T00:00:00 in seconds; no search goes further back.
  static let earliestSecond: Int64 = -62_135_596_800
  /// The calendar, weekdays included, repeats after so many years; a search that went through all of
  /// them is over.
  private static let cycleYears = 400

  /// Whether all dates match, so that the calendar need not be asked.
  private let isDaily: Bool
  private let firstMinuteOfDay: Int
  private let lastMinuteOfDay: Int

  init(
    minutes: UInt64, hours: UInt32, months: UInt32, days: InlineArray<28, UInt32>, isWildcard: Bool
  ) {
    self.minutes = minutes
    self.hours = hours
    self.months = months
    self.days = days
    self.isWildcard = isWildcard
    isDaily = months == 0x1FFE && (0..<28).allSatisfy { days[$0].nonzeroBitCount == 28 + $0 / 7 }
    firstMinuteOfDay = hours.trailingZeroBitCount * 60 + minutes.trailingZeroBitCount
    lastMinuteOfDay =
      (31 - hours.leadingZeroBitCount) * 60 + 63 - minutes.leadingZeroBitCount
  }

  /// Whether some day of some year matches.
  var canFire: Bool {
    (1...12).contains { month in
      months >> UInt32(month) & 1 == 1
        && (month == 2 ? [28, 29] : [CivilMonth.length(month, of: 1)]).contains { length in
          (0..<7).contains { days[(length - 28) * 7 + $0] != 0 }
        }
    }
  }

  /// The first matching minute at or after one, both counted from 1970-01-01 00:00 local time;
  /// `none` when there is none in 400 years.
  func first(atOrAfter minute: Int) -> Int {
    let day = Self.days(in: minute)
    if isDaily {
      let time = firstTime(atOrAfter: minute - day * 1440)
      return time >= 0 ? day * 1440 + time : (day + 1) * 1440 + firstMinuteOfDay
    }
    let month = CivilMonth(containing: day)
    if months >> UInt32(month.number) & 1 == 1 {
      let dayOfMonth = UInt32(truncatingIfNeeded: day - month.firstDay + 1)
      var rest = days[month.shape] >> dayOfMonth
      if rest & 1 == 1 {
        let time = firstTime(atOrAfter: minute - day * 1440)
        if time >= 0 { return day * 1440 + time }
        rest &= ~1
      }
      if rest != 0 { return (day + rest.trailingZeroBitCount) * 1440 + firstMinuteOfDay }
    }
    var year = month.year
    var later = month.number < 12 ? months & (~1 << UInt32(month.number)) : 0
    while true {
      while later != 0 {
        let month = CivilMonth(year: year, number: later.trailingZeroBitCount)
        let matching = days[month.shape]
        if matching != 0 {
          return (month.firstDay + matching.trailingZeroBitCount - 1) * 1440 + firstMinuteOfDay
        }
        later &= later - 1
      }
      year += 1
      guard year <= month.year + Self.cycleYears else { return Self.none }
      later = months
    }
  }

  /// The last matching minute at or before one; `none` when there is none in 400 years.
  func last(atOrBefore minute: Int) -> Int {
    let day = Self.days(in: minute)
    if isDaily {
      let time = lastTime(atOrBefore: minute - day * 1440)
      return time >= 0 ? day * 1440 + time : (day - 1) * 1440 + lastMinuteOfDay
    }
    let month = CivilMonth(containing: day)
    if months >> UInt32(month.number) & 1 == 1 {
      let dayOfMonth = UInt32(truncatingIfNeeded: day - month.firstDay + 1)
      var rest = days[month.shape] & (~0 >> (31 - dayOfMonth))
      if rest >> dayOfMonth == 1 {
        let time = lastTime(atOrBefore: minute - day * 1440)
        if time >= 0 { return day * 1440 + time }
        rest &= ~(1 << dayOfMonth)
      }
      if rest != 0 {
        return (month.firstDay + 30 - rest.leadingZeroBitCount) * 1440 + lastMinuteOfDay
      }
    }
    var year = month.year
    var earlier = months & ((1 << UInt32(month.number)) - 1)
    while true {
      while earlier != 0 {
        let month = CivilMonth(year: year, number: 31 - earlier.leadingZeroBitCount)
        let matching = days[month.shape]
        if matching != 0 {
          return (month.firstDay + 30 - matching.leadingZeroBitCount) * 1440 + lastMinuteOfDay
        }
        earlier &= ~(1 << UInt32(month.number))
      }
      year -= 1
      guard year >= max(1, month.year - Self.cycleYears) else { return Self.none }
      earlier = months
    }
  }

  /// The first matching minute of the day at or after one, -1 when there is none.
  private func firstTime(atOrAfter minuteOfDay: Int) -> Int {
    let hour = minuteOfDay / 60
    var hours = self.hours >> UInt32(truncatingIfNeeded: hour)
    if hours & 1 == 1 {
      let minutes = self.minutes >> UInt64(truncatingIfNeeded: minuteOfDay - hour * 60)
      if minutes != 0 { return minuteOfDay + minutes.trailingZeroBitCount }
      hours &= ~1
    }
    guard hours != 0 else { return -1 }
    return (hour + hours.trailingZeroBitCount) * 60 + minutes.trailingZeroBitCount
  }

  /// The last matching minute of the day at or before one, -1 when there is none.
  private func lastTime(atOrBefore minuteOfDay: Int) -> Int {
    let hour = minuteOfDay / 60
    var hours = self.hours & (~0 >> UInt32(truncatingIfNeeded: 31 - hour))
    if hours >> UInt32(truncatingIfNeeded: hour) == 1 {
      let minute = minuteOfDay - hour * 60
      let minutes = self.minutes & (~0 >> UInt64(truncatingIfNeeded: 63 - minute))
      if minutes != 0 { return hour * 60 + 63 - minutes.leadingZeroBitCount }
      hours &= ~(1 << UInt32(truncatingIfNeeded: hour))
    }
    guard hours != 0 else { return -1 }
    return (31 - hours.leadingZeroBitCount) * 60 + 63 - self.minutes.leadingZeroBitCount
  }

  private static func days(in minute: Int) -> Int { minute.flooringQuotient(1440) }
}
