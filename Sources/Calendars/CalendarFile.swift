public import Domain

extension TradingCalendar {
  /// The longest calendar file that is read.
  public static let maximumFileCharacters = 1_000_000
  /// The most days that a calendar covers.
  public static let maximumCoverageDays = 146_097

  /// Reads a calendar file; the zone comes from `zones`, usually `ZoneDatabase.zone`.
  ///
  ///     calendar XPAR                     # a name of letters, digits, - _ /
  ///     timezone Europe/Paris
  ///     source euronext.com, 2026-11-01   # optional
  ///     from 2026-01-01                   # the days that the file speaks for
  ///     to 2027-12-31
  ///     week mon-fri 09:00-17:30          # again with `from DATE` where the hours change
  ///     closed 2026: 01-01 04-03 04-06    # or full dates: closed 2026-05-01
  ///     open 2026: 12-24 12-31 09:00-14:05
  ///
  /// Times are on the market's clocks; `24:00` is the end of the day. `open` gives days other hours,
  /// and makes sessions of days that the week leaves out. An early close is a close before the
  /// week's.
  public init(file text: String, zones: (String) throws(Fault) -> Zone) throws(CalendarSyntaxError)
  {
    guard text.utf8.count <= Self.maximumFileCharacters else {
      throw CalendarSyntaxError(
        message: "the file is larger than \(Self.maximumFileCharacters) bytes", line: 1, column: 1,
        mend: nil)
    }
    var reader = CalendarReader()
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      try reader.read(line, number: number)
    }
    self = try reader.calendar(zones: zones)
  }
}

/// A word of a line, with its place.
private struct Word {
  var text: Substring
  var line: Int
  var column: Int

  func error(_ message: String, mend: String? = nil) -> CalendarSyntaxError {
    CalendarSyntaxError(message: message, line: line, column: column, mend: mend)
  }
}

/// Collects what the lines of a calendar file say.
private struct CalendarReader {
  private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  private var name: Word?
  private var zone: Word?
  private var source: String?
  private var first: (word: Word, day: Int)?
  private var last: (word: Word, day: Int)?
  private var weeks: [(word: Word, firstDay: Int?, weekdays: [Int], hours: SessionDays.Hours)] = []
  private var closed: [Int: Word] = [:]
  private var open: [Int: (word: Word, hours: SessionDays.Hours)] = [:]
  private var lastLine = 1

  mutating func read(_ line: Substring, number: Int) throws(CalendarSyntaxError) {
    lastLine = number
    var words = Self.words(line, number: number)
    guard let keyword = words.first else { return }
    words.removeFirst()
    switch keyword.text {
    case "calendar": name = try single(words, after: keyword, before: name)
    case "timezone": zone = try single(words, after: keyword, before: zone)
    case "source": source = words.map { String($0.text) }.joined(separator: " ")
    case "from": first = try bound(words, after: keyword, before: first?.word)
    case "to": last = try bound(words, after: keyword, before: last?.word)
    case "week": try week(words, after: keyword)
    case "closed":
      for (day, word) in try dates(words, after: keyword) { closed[day] = word }
    case "open":
      guard let time = words.popLast() else {
        throw keyword.error(
          "open needs dates and hours", mend: "write open 2026: 12-24 09:30-13:00")
      }
      let hours = try hours(time)
      for (day, word) in try dates(words, after: keyword) {
        guard open[day] == nil else { throw word.error("\(word.text) is opened twice") }
        open[day] = (word, hours)
      }
    default:
      throw keyword.error(
        "there is no `\(keyword.text.prefix(40))`",
        mend: "a line begins with calendar timezone source from to week closed or open")
    }
  }

  func calendar(zones: (String) throws(Fault) -> Zone) throws(CalendarSyntaxError)
    -> TradingCalendar
  {
    let name = try required(name, "calendar NAME")
    let zoneWord = try required(zone, "timezone Europe/Paris")
    let (firstWord, firstDay) = try required(first, "from 2026-01-01")
    let (lastWord, lastDay) = try required(last, "to 2026-12-31")
    let zone: Zone
    do { zone = try zones(String(zoneWord.text)) } catch {
      throw zoneWord.error("\(error.subject): \(error.cause)", mend: error.remedy)
    }
    guard firstDay <= lastDay else {
      throw lastWord.error("\(lastWord.text) is before \(firstWord.text)")
    }
    guard lastDay - firstDay < TradingCalendar.maximumCoverageDays else {
      throw lastWord.error("a calendar covers 400 years at most")
    }
    let covered = firstDay...lastDay
    let outside = (closed.map { ($0.key, $0.value) } + open.map { ($0.key, $0.value.word) })
      .filter { !covered.contains($0.0) }
    if let word = outside.min(by: { ($0.1.line, $0.1.column) < ($1.1.line, $1.1.column) })?.1 {
      throw word.error("\(word.text) is outside of \(firstWord.text) to \(lastWord.text)")
    }
    for (day, entry) in open where closed[day] != nil {
      throw entry.word.error("\(entry.word.text) is both closed and open", mend: "remove one")
    }
    return TradingCalendar(
      name: String(name.text), zone: zone,
      coverage: CivilDate(daysSinceEpoch: firstDay)...CivilDate(daysSinceEpoch: lastDay),
      source: source ?? "a file",
      days: SessionDays(
        firstDay: firstDay, count: lastDay - firstDay + 1, weeks: try sortedWeeks(from: firstDay),
        closed: Set(closed.keys), exceptions: open.mapValues(\.hours)))
  }

  private func sortedWeeks(from firstDay: Int) throws(CalendarSyntaxError) -> [SessionDays.Week] {
    let none = [SessionDays.Hours?](repeating: nil, count: 7)
    var sorted: [Int: [SessionDays.Hours?]] = [:]
    for week in weeks {
      var hours = sorted[week.firstDay ?? firstDay] ?? none
      for weekday in week.weekdays {
        guard hours[weekday] == nil else {
          throw week.word.error("\(Self.weekdays[weekday]) has its hours twice")
        }
        hours[weekday] = week.hours
      }
      sorted[week.firstDay ?? firstDay] = hours
    }
    guard let earliest = sorted.keys.min() else {
      throw CalendarSyntaxError(
        message: "no regular hours", line: lastLine, column: 1,
        mend: "add a line such as week mon-fri 09:30-16:00")
    }
    if earliest > firstDay { sorted[firstDay] = none }
    return sorted.keys.sorted().map { SessionDays.Week(firstDay: $0, hours: sorted[$0] ?? none) }
  }

  // MARK: Lines

  private static func words(_ line: Substring, number: Int) -> [Word] {
    var words: [Word] = []
    var start: (index: String.Index, column: Int)?
    var column = 1
    var index = line.startIndex
    func close(at end: String.Index) {
      if let start {
        words.append(Word(text: line[start.index..<end], line: number, column: start.column))
      }
    }
    while index < line.endIndex, line[index] != "#" {
      if line[index].isWhitespace {
        close(at: index)
        start = nil
      } else if start == nil {
        start = (index, column)
      }
      column += 1
      index = line.index(after: index)
    }
    close(at: index)
    return words
  }

  private func single(_ words: [Word], after keyword: Word, before: Word?)
    throws(CalendarSyntaxError) -> Word
  {
    guard before == nil else { throw keyword.error("\(keyword.text) is given twice") }
    guard let word = words.first, words.count == 1 else {
      throw keyword.error("\(keyword.text) takes one word")
    }
    let isSound =
      word.text.utf8.count <= 64
      && word.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_/+".contains($0)) }
    guard isSound else {
      throw word.error("`\(word.text.prefix(40))` is no name", mend: "write letters, digits, - _ /")
    }
    return word
  }

  private func bound(_ words: [Word], after keyword: Word, before: Word?)
    throws(CalendarSyntaxError) -> (word: Word, day: Int)
  {
    guard before == nil else { throw keyword.error("\(keyword.text) is given twice") }
    guard let word = words.first, words.count == 1 else {
      throw keyword.error("\(keyword.text) takes one date", mend: "write YYYY-MM-DD")
    }
    return (word, try day(word, word.text))
  }

  private mutating func week(_ words: [Word], after keyword: Word) throws(CalendarSyntaxError) {
    guard words.count == 2 || (words.count == 4 && words[2].text == "from") else {
      throw keyword.error(
        "week takes days and hours", mend: "write week mon-fri 09:30-16:00, or with from 2026-01-01"
      )
    }
    let names = words[0].text.split(separator: "-", omittingEmptySubsequences: false)
    let ends = names.compactMap { Self.weekdays.firstIndex(of: String($0)) }
    guard let begin = ends.first, let end = ends.last, ends.count == names.count, ends.count <= 2
    else {
      throw words[0].error(
        "`\(words[0].text.prefix(40))` is no range of weekdays", mend: "write mon-fri or sat")
    }
    let weekdays = (0...((end - begin + 7) % 7)).map { (begin + $0) % 7 }
    weeks.append(
      (
        words[0], words.count == 4 ? try day(words[3], words[3].text) : nil, weekdays,
        try hours(words[1])
      ))
  }

  /// Full dates, or a year with a colon and days of it.
  private func dates(_ words: [Word], after keyword: Word) throws(CalendarSyntaxError)
    -> [(day: Int, word: Word)]
  {
    var dates: [(day: Int, word: Word)] = []
    var year: Substring?
    for word in words {
      if word.text.last == ":" {
        year = word.text.dropLast()
      } else {
        dates.append((try day(word, year.map { "\($0)-\(word.text)" } ?? word.text), word))
      }
    }
    guard !dates.isEmpty else {
      throw keyword.error("\(keyword.text) needs dates", mend: "write \(keyword.text) 2026: 12-25")
    }
    return dates
  }

  private func day(_ word: Word, _ text: some StringProtocol) throws(CalendarSyntaxError) -> Int {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
    guard text.utf8.count == 10, digits.count == 8, let time = Instant(rfc3339: text) else {
      throw word.error(
        "`\(word.text.prefix(40))` is no date", mend: "write YYYY-MM-DD, or YYYY: MM-DD")
    }
    return Int(time.seconds / 86_400)
  }

  private func hours(_ word: Word) throws(CalendarSyntaxError) -> SessionDays.Hours {
    let ends = word.text.split(separator: "-", omittingEmptySubsequences: false)
    let minutes = ends.compactMap(Self.minuteOfDay)
    guard ends.count == 2, minutes.count == 2 else {
      throw word.error("`\(word.text.prefix(40))` are no hours", mend: "write 09:30-16:00")
    }
    guard minutes[0] < minutes[1] else {
      throw word.error("a session ends after it begins, on the same day")
    }
    return SessionDays.Hours(open: minutes[0], close: minutes[1])
  }

  /// `09:30`, up to `24:00`.
  private static func minuteOfDay(_ text: Substring) -> Int16? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
    let digits = [bytes[0], bytes[1], bytes[3], bytes[4]].map { Int16($0) - 48 }
    guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
    let minute = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    return digits[2] < 6 && minute <= 1440 ? minute : nil
  }

  private func required<Value>(_ value: Value?, _ line: String) throws(CalendarSyntaxError) -> Value
  {
    guard let value else {
      throw CalendarSyntaxError(
        message: "a line is missing", line: lastLine, column: 1, mend: "add \(line)")
    }
    return value
  }
}
