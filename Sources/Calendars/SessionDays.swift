/// Which days are sessions, and from when to when, in minutes of the market's own day.
struct SessionDays: Hashable, Sendable {
  /// From when to when a session lasts, in minutes after midnight; 1440 is the next midnight.
  struct Hours: Hashable, Sendable {
    var open: Int16
    var close: Int16
  }

  /// A regular week that holds from a day on.
  struct Week: Hashable, Sendable {
    var firstDay: Int
    /// From Sunday to Saturday; nil where there is no session.
    var hours: [Hours?]
  }

  /// The first day, since 1970-01-01.
  let firstDay: Int
  /// The number of days.
  let count: Int
  /// A bit for each day, set on sessions.
  private let bits: [UInt64]
  /// The regular weeks, oldest first; the first holds from `firstDay` at the latest.
  private let weeks: [Week]
  /// The sessions with other hours than the week's.
  private let exceptions: [Int: Hours]

  init(
    firstDay: Int, count: Int, weeks: [Week], closed: Set<Int>, exceptions: [Int: Hours]
  ) {
    precondition(count > 0 && !weeks.isEmpty && weeks[0].firstDay <= firstDay)
    precondition(weeks.allSatisfy { $0.hours.count == 7 })
    var bits = [UInt64](repeating: 0, count: (count + 63) / 64)
    var week = 0
    for index in 0..<count {
      let day = firstDay + index
      while week + 1 < weeks.count, weeks[week + 1].firstDay <= day { week += 1 }
      let isRegular = weeks[week].hours[Self.weekday(day)] != nil && !closed.contains(day)
      if isRegular || exceptions[day] != nil { bits[index / 64] |= 1 << UInt64(index % 64) }
    }
    (self.firstDay, self.count, self.bits) = (firstDay, count, bits)
    (self.weeks, self.exceptions) = (weeks, exceptions)
  }

  /// The first day that is not covered any more.
  var endDay: Int { firstDay + count }

  func isSession(_ day: Int) -> Bool {
    let index = day - firstDay
    guard index >= 0, index < count else { return false }
    return bits[index / 64] >> UInt64(index % 64) & 1 == 1
  }

  /// The hours of a session; nil when the day is none.
  func hours(onDay day: Int) -> Hours? {
    isSession(day) ? exceptions[day] ?? regularHours(onDay: day) : nil
  }

  /// The hours of the week that holds at a day; nil where it has no session.
  func regularHours(onDay day: Int) -> Hours? {
    (weeks.last { $0.firstDay <= day } ?? weeks[0]).hours[Self.weekday(day)]
  }

  private static func weekday(_ day: Int) -> Int { ((day + 4) % 7 + 7) % 7 }

  /// The first session at or after a day.
  func firstSession(atOrAfter day: Int) -> Int? {
    let index = max(0, day - firstDay)
    guard index < count else { return nil }
    var word = index / 64
    var rest = bits[word] & (~0 << UInt64(index % 64))
    while rest == 0 {
      word += 1
      guard word < bits.count else { return nil }
      rest = bits[word]
    }
    return firstDay + word * 64 + rest.trailingZeroBitCount
  }

  /// The last session at or before a day.
  func lastSession(atOrBefore day: Int) -> Int? {
    let index = min(count - 1, day - firstDay)
    guard index >= 0 else { return nil }
    var word = index / 64
    var rest = bits[word] & (~0 >> UInt64(63 - index % 64))
    while rest == 0 {
      word -= 1
      guard word >= 0 else { return nil }
      rest = bits[word]
    }
    return firstDay + word * 64 + 63 - rest.leadingZeroBitCount
  }
}
