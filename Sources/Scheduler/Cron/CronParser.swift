internal import Domain

/// Reads a cron expression.
struct CronParser {
  private(set) var warnings: [CronWarning] = []
  private(set) var sets: [CronFieldSet] = []
  private let characters: [Character]
  private let isTooLong: Bool

  init(_ text: some StringProtocol) {
    characters = Array(text.prefix(CronExpression.maximumLengthCharacters))
    isTooLong = text.dropFirst(characters.count).first != nil
  }

  mutating func parse() throws(CronSyntaxError) -> CronExpression.Rule {
    guard !isTooLong else {
      throw CronSyntaxError(
        "the expression has more than \(CronExpression.maximumLengthCharacters) characters",
        at: characters.count..<characters.count + 1)
    }
    let words = words()
    guard let first = words.first else {
      throw CronSyntaxError(
        "the expression is empty", at: 0..<max(1, characters.count),
        mend: "write five fields, such as \"30 9 * * mon-fri\"")
    }
    try refuseForeignCharacters()
    if characters[first.lowerBound] == "@" { return try macro(words) }
    try checkCount(words)
    return .fields(try fields(words))
  }

  // MARK: Five fields

  private func checkCount(_ words: [Range<Int>]) throws(CronSyntaxError) {
    guard let first = words.first, let last = words.last, words.count != 5 else { return }
    let whole = first.lowerBound..<last.upperBound
    let order = "minute hour day-of-month month day-of-week"
    if words.count < 5 {
      throw CronSyntaxError(
        "\(words.count == 1 ? "one field" : "\(words.count) fields") where five are needed",
        at: whole, mend: "write \(order)")
    }
    if words.count == 6 {
      try refuseSix(
        words, at: whole, tail: text(words[1].lowerBound..<last.upperBound),
        head: text(first.lowerBound..<words[4].upperBound), order: order)
    }
    throw CronSyntaxError(
      "\(words.count) fields where five are needed", at: whole, mend: "write \(order)")
  }

  /// Six words: a zone before or after the fields, seconds, or a year. What is proposed is what would be
  /// read.
  private func refuseSix(
    _ words: [Range<Int>], at whole: Range<Int>, tail: String, head: String, order: String
  ) throws(CronSyntaxError) {
    func accepted(_ text: String) -> String? {
      let text = text.replacing("?", with: "*")
      var parser = CronParser(text)
      do throws(CronSyntaxError) {
        _ = try parser.parse()
        return text
      } catch {
        return nil
      }
    }
    let (first, last) = (text(words[0]), text(words[5]))
    let named = first.split(separator: "=", maxSplits: 1)
    if named.count == 2, first.uppercased().contains("TZ="), let fields = accepted(tail) {
      throw CronSyntaxError(
        "a zone does not stand in the expression", at: words[0],
        mend: "write \"\(fields)\" and timezone: \(named[1])")
    }
    if last.contains("/"), last.first?.isLetter == true, let fields = accepted(head) {
      throw CronSyntaxError(
        "a zone does not stand in the expression", at: words[5],
        mend: "write \"\(fields)\" and timezone: \(last)")
    }
    let proposals = [
      accepted(tail).map { "\"\($0)\" if the first field is seconds" },
      accepted(head).map { "\"\($0)\" if the last is a year" },
    ].compactMap(\.self)
    throw CronSyntaxError(
      "six fields where five are needed: some schedulers lead with seconds, others end with a year",
      at: whole, mend: "write " + (proposals.isEmpty ? order : proposals.joined(separator: ", ")))
  }

  private mutating func fields(_ words: [Range<Int>]) throws(CronSyntaxError) -> CronFields {
    for field in CronField.allCases {
      var parser = CronFieldParser(
        field: field, characters: characters, columns: words[field.rawValue])
      sets.append(try parser.parse())
    }
    let (month, dayOfMonth, dayOfWeek) = (sets[3], sets[2], sets[4])
    let fields = CronFields(
      minutes: sets[0].bits, hours: UInt32(sets[1].bits), months: UInt32(month.bits),
      days: CronDays.masks(dayOfMonth: dayOfMonth, dayOfWeek: dayOfWeek),
      isWildcard: sets[0].beginsWithStar || sets[1].beginsWithStar)
    guard fields.canFire else {
      throw CronSyntaxError(
        "\"\(text(words[0].lowerBound..<words[4].upperBound))\" never fires"
          + CronDays.absentDate(dayOfMonth: dayOfMonth, month: month),
        at: words[2].lowerBound..<words[3].upperBound,
        mend: "write L as the day of the month if its last day is meant")
    }
    warn(dayOfMonth, dayOfWeek, at: words[2].lowerBound..<words[4].upperBound)
    return fields
  }

  private mutating func warn(
    _ dayOfMonth: CronFieldSet, _ dayOfWeek: CronFieldSet, at columns: Range<Int>
  ) {
    if dayOfMonth.isFull(.dayOfMonth) || dayOfWeek.isFull(.dayOfWeek) {
      guard CronDays.isEveryDay(dayOfMonth, dayOfWeek) else { return }
      if dayOfMonth.isFull(.dayOfMonth), dayOfWeek.isFull(.dayOfWeek) { return }
      warnings.append(
        CronWarning(
          message:
            "day-of-month and day-of-week are both set, and either is enough: fires every day",
          columns: columns))
      return
    }
    let (days, weekdays) = (
      CronWords.daysOfMonth(dayOfMonth), CronWords.daysOfWeek(dayOfWeek)
    )
    let isEither = !dayOfMonth.beginsWithStar && !dayOfWeek.beginsWithStar
    warnings.append(
      CronWarning(
        message: isEither
          ? "day-of-month and day-of-week are both set, and either is enough: fires \(days), and \(weekdays)"
          : "day-of-month and day-of-week are both set and one begins with *, so both must match: fires \(days) if also \(weekdays)",
        columns: columns))
  }

  // MARK: Names for whole expressions

  private mutating func macro(_ words: [Range<Int>]) throws(CronSyntaxError)
    -> CronExpression.Rule
  {
    let name = text(words[0]).lowercased()
    if name == "@every" {
      guard words.count == 2 else {
        throw CronSyntaxError(
          "@every takes one interval", at: words.count < 2 ? words[0] : words[2],
          mend: "write @every 6h, or @every 6h/1m for one minute past")
      }
      return .every(try Every(text(words[1]), column: words[1].lowerBound))
    }
    guard let fields = Self.macros[name] else {
      throw CronSyntaxError(
        name == "@reboot"
          ? "@reboot is no time, so it has no slots" : "there is no `\(name.prefix(40))`",
        at: words[0],
        mend: name == "@reboot"
          ? "Carillon pays at start what it owes from before; give the job a time"
          : "write one of \(Self.macros.keys.sorted().joined(separator: " ")), or @every 6h")
    }
    guard words.count == 1 else {
      throw CronSyntaxError("\(name) stands alone", at: words[1], mend: "write \(name)")
    }
    var parser = CronParser(fields)
    let rule = try parser.parse()
    sets = parser.sets
    return rule
  }

  private static let macros = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
  ]

  // MARK: Characters

  private func text(_ columns: Range<Int>) -> String { String(characters[columns]) }

  /// The columns of the words between spaces and tabs.
  private func words() -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start: Int?
    for (column, character) in characters.enumerated() {
      if character == " " || character == "\t" {
        if let begin = start { words.append(begin..<column) }
        start = nil
      } else if start == nil {
        start = column
      }
    }
    if let start { words.append(start..<characters.count) }
    return words
  }

  private func refuseForeignCharacters() throws(CronSyntaxError) {
    for (column, character) in characters.enumerated() {
      guard let scalar = character.unicodeScalars.first, !character.isASCII || scalar.value < 32
      else { continue }
      if character == "\t" { continue }
      let at = column..<column + 1
      if let digit = character.wholeNumberValue {
        throw CronSyntaxError(
          "`\(character)` is not an ASCII digit", at: at, mend: "write \(digit)")
      }
      if ["–", "—", "−", "‐", "‑"].contains(character) {
        throw CronSyntaxError("`\(character)` is not a hyphen", at: at, mend: "write -")
      }
      if character.isWhitespace {
        throw CronSyntaxError(
          "a character that looks like a space but is none (U+\(String(scalar.value, radix: 16, uppercase: true)))",
          at: at, mend: "write a space")
      }
      throw CronSyntaxError("a character that has no meaning here", at: at)
    }
  }
}
