/// The fields of an expression in words.
enum CronWords {
  /// `every 15 minutes of hours 9-17, on Mondays to Fridays`, without zone and calendar.
  static func sentence(_ sets: [CronFieldSet]) -> String {
    let (minute, hour, dayOfMonth, month, dayOfWeek) = (sets[0], sets[1], sets[2], sets[3], sets[4])
    var parts = [timeOfDay(minute.bits, hour.bits)]
    let isEveryDay = CronDays.isEveryDay(dayOfMonth, dayOfWeek)
    switch (
      isEveryDay || dayOfMonth.isFull(.dayOfMonth), isEveryDay || dayOfWeek.isFull(.dayOfWeek)
    ) {
    case (true, true):
      if !parts[0].hasPrefix("every"), !parts[0].hasSuffix("every hour") {
        parts.append("every day")
      }
    case (false, true): parts.append(daysOfMonth(dayOfMonth))
    case (true, false): parts.append(daysOfWeek(dayOfWeek))
    case (false, false):
      let isBoth = dayOfMonth.beginsWithStar || dayOfWeek.beginsWithStar
      parts.append(
        daysOfMonth(dayOfMonth) + (isBoth ? " if that is also " : ", and also ")
          + daysOfWeek(dayOfWeek))
    }
    if !month.isFull(.month) {
      let names = (1...12).filter { month.bits >> UInt64($0) & 1 == 1 }.map { months[$0 - 1] }
      parts.append("in " + joined(names))
    }
    return parts.joined(separator: ", ")
  }

  /// The most times of day that are listed one by one.
  private static let maximumTimesListed = 6

  /// `at 09:30`, `every 5 minutes`, `at minute 1 of every hour`, `every minute of hours 9-17`.
  private static func timeOfDay(_ minutes: UInt64, _ hours: UInt64) -> String {
    let isEveryHour = hours.nonzeroBitCount == 24
    if !isEveryHour, minutes.nonzeroBitCount * hours.nonzeroBitCount <= maximumTimesListed {
      return "at " + joined(values(hours).flatMap { h in values(minutes).map { clock(h, $0) } })
    }
    let ofHours =
      hours.nonzeroBitCount == 1 ? " of hour " : " of hours "
    let suffix = isEveryHour ? "" : ofHours + joined(ranges(hours))
    if let step = step(minutes) {
      return (step == 1 ? "every minute" : "every \(step) minutes") + suffix
    }
    if isEveryHour, minutes == 1 { return "every hour" }
    return (minutes.nonzeroBitCount == 1 ? "at minute " : "at minutes ")
      + joined(ranges(minutes)) + (isEveryHour ? " of every hour" : suffix)
  }

  /// The step of minutes that go evenly round the hour from 0.
  private static func step(_ minutes: UInt64) -> Int? {
    let count = minutes.nonzeroBitCount
    guard count >= 2, 60 % count == 0 else { return nil }
    let step = 60 / count
    return (0..<count).allSatisfy { minutes >> UInt64($0 * step) & 1 == 1 } ? step : nil
  }

  private static func values(_ bits: UInt64) -> [Int] {
    (0..<64).filter { bits >> UInt64($0) & 1 == 1 }
  }

  /// `09:30`.
  static func clock(_ hour: Int, _ minute: Int) -> String {
    "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
  }

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
    for k in 0..<6 {
      for weekday in 0..<7 where set.nth[k] >> UInt8(weekday) & 1 == 1 {
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
