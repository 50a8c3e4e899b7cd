/// Which days are sessions, and from when to when, in minutes of the market's own day.
struct SessionDays: Hashable, Sendable {
  /// From when to when a session lasts, in minutes after midnight; 1440 is the next midnight.
  struct Hours: Hashable, Sendable {
    var open: Int16
    var close: Int16
  }

  /// Regular hours that hold from a day on.
  struct Period: Hashable, Sendable {
    var firstDay: Int
    var hours: Hours
  }

  /// The first day, since 1970-01-01.
  let firstDay: Int
  /// The number of days.
  let count: Int
  /// A bit for each day, set on sessions.
  private let bits: [UInt64]
  /// The regular hours, oldest first; the first holds from `firstDay` at the latest.
  private let periods: [Period]
  /// The sessions with other hours.
  private let exceptions: [Int: Hours]

  init(
    firstDay: Int, count: Int, periods: [Period], exceptions: [Int: Hours],
    isSession: (Int) -> Bool
  ) {
    precondition(count > 0 && !periods.isEmpty && periods[0].firstDay <= firstDay)
    var bits = [UInt64](repeating: 0, count: (count + 63) / 64)
    for index in 0..<count where isSession(firstDay + index) {
      bits[index / 64] |= 1 << UInt64(index % 64)
    }
    (self.firstDay, self.count, self.bits) = (firstDay, count, bits)
    (self.periods, self.exceptions) = (periods, exceptions)
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

  /// The hours that hold at a day unless it is an exception.
  func regularHours(onDay day: Int) -> Hours {
    (periods.last { $0.firstDay <= day } ?? periods[0]).hours
  }

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
