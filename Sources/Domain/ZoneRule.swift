/// The rule that a zone follows after the last transition that the database lists: the closing line
/// of a TZif file, in the form of POSIX's TZ variable with RFC 8536's wider hours.
struct ZoneRule: Hashable {
  /// Daylight saving time and when it begins and ends each year.
  struct Daylight: Hashable {
    var type: ZoneTable.TimeType
    var begins: YearlyMoment
    var ends: YearlyMoment
  }

  /// A moment of each year, on the clocks as they stand before it.
  struct YearlyMoment: Hashable {
    enum Day: Hashable {
      /// `Jn`: day n of the year, 29 February never counted.
      case ofCommonYear(Int)
      /// `n`: day n of the year from 0, 29 February counted.
      case ofYear(Int)
      /// `Mm.w.d`: weekday d of month m, its w-th, or with w = 5 its last.
      case weekday(Int, week: Int, month: Int)
    }
    var day: Day
    var secondOfDay: Int64
  }

  var standard: ZoneTable.TimeType
  var daylight: Daylight?

  /// The instant, in seconds, at which daylight time begins in a year.
  func daylightBegins(_ year: Int) -> Int64 {
    guard let daylight else { preconditionFailure("a zone without daylight time") }
    return daylight.begins.localSeconds(in: year) - Int64(standard.offset)
  }

  /// The instant, in seconds, at which daylight time ends in a year.
  func daylightEnds(_ year: Int) -> Int64 {
    guard let daylight else { preconditionFailure("a zone without daylight time") }
    return daylight.ends.localSeconds(in: year) - Int64(daylight.type.offset)
  }
}

extension ZoneRule.YearlyMoment {
  func localSeconds(in year: Int) -> Int64 {
    let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
    let dayNumber =
      switch day {
      case .ofCommonYear(let n): newYear + n - 1 + (CivilDate.isLeap(year) && n >= 60 ? 1 : 0)
      case .ofYear(let n): newYear + n
      case .weekday(let weekday, let week, let month):
        Self.dayNumber(of: weekday, week: week, month: month, year: year)
      }
    return Int64(dayNumber) * 86_400 + secondOfDay
  }

  private static func dayNumber(of weekday: Int, week: Int, month: Int, year: Int) -> Int {
    let first = CivilDate(year: year, month: month, day: 1)
    var day = 1 + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
    while day > first.daysInMonth { day -= 7 }
    return first.daysSinceEpoch + day - 1
  }
}

extension ZoneRule {
  /// Reads `EST5EDT,M3.2.0,M11.1.0` or `<+0545>-5:45`. Nil when the text is neither.
  init?(_ text: some StringProtocol) {
    var scanner = RuleScanner(bytes: Array(text.utf8))
    guard let letters = scanner.letters(), let west = scanner.time(maximumHours: 24) else {
      return nil
    }
    standard = .init(offset: Int32(-west), isDaylight: false, letters: letters)
    if scanner.isAtEnd { return }
    guard let summer = scanner.letters() else { return nil }
    var offset = standard.offset + 3600
    if !scanner.isAtComma {
      guard let west = scanner.time(maximumHours: 24) else { return nil }
      offset = Int32(-west)
    }
    guard let begins = scanner.moment(), let ends = scanner.moment(), scanner.isAtEnd else {
      return nil
    }
    daylight = Daylight(
      type: .init(offset: offset, isDaylight: true, letters: summer), begins: begins, ends: ends)
  }
}

/// Reads the parts of a rule from ASCII bytes.
private struct RuleScanner {
  let bytes: [UInt8]
  var index = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index == bytes.count }
  var isAtComma: Bool { !isAtEnd && bytes[index] == UInt8(ascii: ",") }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard !isAtEnd, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// `EST`, or `<+0545>` without its brackets; three characters at least.
  mutating func letters() -> String? {
    let quoted = take("<")
    let start = index
    while !isAtEnd, Self.isLetter(bytes[index]) || (quoted && Self.isDigitOrSign(bytes[index])) {
      index += 1
    }
    let letters = bytes[start..<index]
    guard letters.count >= 3, !quoted || take(">") else { return nil }
    return String(decoding: letters, as: UTF8.self)
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  mutating func time(maximumHours: Int) -> Int64? {
    let negative = take("-")
    if !negative { _ = take("+") }
    guard let hours = number(), hours <= maximumHours else { return nil }
    var seconds = Int64(hours) * 3600
    for unit in [Int64(60), 1] where take(":") {
      guard let part = number(), part < 60 else { return nil }
      seconds += Int64(part) * unit
    }
    return negative ? -seconds : seconds
  }

  /// `,M3.2.0/2`, `,J60`, `,59/-1`.
  mutating func moment() -> ZoneRule.YearlyMoment? {
    guard take(",") else { return nil }
    let day: ZoneRule.YearlyMoment.Day
    if take("M") {
      guard let month = number(), (1...12).contains(month), take("."),
        let week = number(), (1...5).contains(week), take("."),
        let weekday = number(), (0...6).contains(weekday)
      else { return nil }
      day = .weekday(weekday, week: week, month: month)
    } else if take("J") {
      guard let n = number(), (1...365).contains(n) else { return nil }
      day = .ofCommonYear(n)
    } else {
      guard let n = number(), (0...365).contains(n) else { return nil }
      day = .ofYear(n)
    }
    guard take("/") else { return .init(day: day, secondOfDay: 7200) }
    guard let time = time(maximumHours: 167) else { return nil }
    return .init(day: day, secondOfDay: time)
  }

  /// One to three digits.
  private mutating func number() -> Int? {
    var value = 0
    var digits = 0
    while !isAtEnd, bytes[index] >= 48, bytes[index] <= 57 {
      digits += 1
      guard digits <= 3 else { return nil }
      value = value * 10 + Int(bytes[index] - 48)
      index += 1
    }
    return digits > 0 ? value : nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
  }

  private static func isDigitOrSign(_ byte: UInt8) -> Bool {
    (byte >= 48 && byte <= 57) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }
}
