/// The fields of an expression in words.
enum CronWords {
  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let ordinals = ["first", "second", "third", "fourth", "fifth", "last"]

  /// `on day 1`, `on days 1 and 15 and the last day of the month`.
  static func daysOfMonth(_ set: CronFieldSet) -> String {
    let numbers = ranges(set.bits)
    var parts: [String] = []
    if !numbers.isEmpty {
      parts.append((set.bits.nonzeroBitCount == 1 ? "day " : "days ") + joined(numbers))
    }
    if set.isLastDay { parts.append("the last day") }
    return "on \(joined(parts)) of the month"
  }

  /// `on Mondays`, `on Mondays to Fridays`, `on the second Friday of the month`.
  static func daysOfWeek(_ set: CronFieldSet) -> String {
    var parts = weekdayRuns(set.bits)
    for (k, days) in set.nth.enumerated() {
      for weekday in 0..<7 where days >> UInt8(weekday) & 1 == 1 {
        parts.append("the \(ordinals[k]) \(weekdays[weekday]) of the month")
      }
    }
    return "on \(joined(parts))"
  }

  /// Runs of three and more weekdays as ranges; a week that begins on Monday.
  private static func weekdayRuns(_ bits: UInt64) -> [String] {
    let order = [1, 2, 3, 4, 5, 6, 0]
    var parts: [String] = []
    var index = 0
    while index < 7 {
      var end = index
      while end < 7, bits >> UInt64(order[end]) & 1 == 1 { end += 1 }
      if end - index >= 3 {
        parts.append("\(weekdays[order[index]])s to \(weekdays[order[end - 1]])s")
      } else {
        parts += order[index..<end].map { "\(weekdays[$0])s" }
      }
      index = max(end, index) + 1
    }
    return parts
  }

  /// `1`, `5-9`: the values of a set, runs of three and more as ranges.
  static func ranges(_ bits: UInt64) -> [String] {
    var parts: [String] = []
    var value = 0
    while value < 64 {
      var end = value
      while end < 64, bits >> UInt64(end) & 1 == 1 { end += 1 }
      if end - value >= 3 {
        parts.append("\(value)-\(end - 1)")
      } else {
        parts += (value..<end).map(String.init)
      }
      value = max(end, value) + 1
    }
    return parts
  }

  /// `a`, `a and b`, `a, b and c`.
  static func joined(_ parts: [String]) -> String {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }
}
