/// Reads one field of an expression: a list of values, ranges and steps.
struct CronFieldParser {
  let field: CronField
  let characters: [Character]
  let columns: Range<Int>

  private var set = CronFieldSet()

  init(field: CronField, characters: [Character], columns: Range<Int>) {
    (self.field, self.characters, self.columns) = (field, characters, columns)
  }

  mutating func parse() throws(CronSyntaxError) -> CronFieldSet {
    set.beginsWithStar = characters[columns.lowerBound] == "*"
    for item in parts(of: columns, at: ",") {
      guard !item.isEmpty else {
        throw CronSyntaxError(
          "the \(field.name) list has an empty item", at: item, mend: "remove the comma")
      }
      try parse(item)
    }
    if field == .dayOfWeek, set.bits >> 7 & 1 == 1 { set.bits = set.bits & 0x7F | 1 }
    return set
  }

  private mutating func parse(_ item: Range<Int>) throws(CronSyntaxError) {
    let pieces = parts(of: item, at: "/")
    guard pieces.count <= 2 else {
      throw CronSyntaxError("`\(text(item))` has two steps", at: pieces[2], mend: "write one")
    }
    let step = pieces.count == 2 ? try self.step(pieces[1]) : nil
    let base = pieces[0]
    if text(base) == "*" {
      insert(field.values, step: step ?? 1)
      return
    }
    if try parseDaysOfTheMonth(base, hasStep: step != nil) { return }

    let ends = parts(of: base, at: "-")
    guard ends.count <= 2 else {
      throw CronSyntaxError(
        "`\(text(base))` has more than two ends", at: base, mend: "write a range such as \(example)"
      )
    }
    let first = try value(ends[0])
    guard ends.count == 2 else {
      insert(first...(step == nil ? first : field.values.upperBound), step: step ?? 1)
      return
    }
    var last = try value(ends[1])
    // Sunday ends a week here, unless it is the whole range: 6-0 is weekend, 0-0 one day.
    if field == .dayOfWeek, last == 0, first != 0, isName(ends[1]) { last = 7 }
    guard first <= last else {
      throw CronSyntaxError(
        "the \(field.name) range \(text(base)) wraps around", at: base,
        mend: "write \(unwrapped(first, last))")
    }
    insert(first...last, step: step ?? 1)
  }

  /// `L` as a day of the month; `n#k` and `nL` as days of the week. False when it is none of them.
  private mutating func parseDaysOfTheMonth(_ item: Range<Int>, hasStep: Bool)
    throws(CronSyntaxError) -> Bool
  {
    let word = text(item).lowercased()
    if field == .dayOfMonth {
      guard word.hasPrefix("l") else { return false }
      guard word == "l", !hasStep else {
        throw CronSyntaxError(
          "only a plain L, the last day of the month, is understood here", at: item,
          mend: "write L")
      }
      set.isLastDay = true
      return true
    }
    guard field == .dayOfWeek else { return false }
    let nth = parts(of: item, at: "#")
    if nth.count > 1 {
      let day = try value(nth[0])
      guard nth.count == 2, !hasStep, let k = Int(text(nth[1])), (1...5).contains(k),
        nth[1].count == 1
      else {
        throw CronSyntaxError(
          "`\(text(item))`: after # stands which of the month's five at most, and nothing else",
          at: item, mend: "write \(text(nth[0]))#1 to \(text(nth[0]))#5, or \(text(nth[0]))L")
      }
      set.nth[k - 1] |= 1 << UInt8(day % 7)
      return true
    }
    guard word.hasSuffix("l"), !CronField.weekdays.contains(word) else { return false }
    let dayColumns = item.lowerBound..<item.upperBound - 1
    guard !dayColumns.isEmpty, !hasStep else {
      throw CronSyntaxError(
        "L in the day-of-week field needs a day", at: item,
        mend: "write friL for the last Friday of the month, or sat for every Saturday")
    }
    set.nth[5] |= 1 << UInt8(try value(dayColumns) % 7)
    return true
  }

  private mutating func insert(_ range: ClosedRange<Int>, step: Int) {
    for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
      set.bits |= 1 << UInt64(value)
    }
  }

  private func step(_ columns: Range<Int>) throws(CronSyntaxError) -> Int {
    let word = text(columns)
    guard let number = number(columns) else {
      throw CronSyntaxError(
        columns.isEmpty ? "the step after / is missing" : "the step `\(word)` is not a number",
        at: columns, mend: "write a number from 1 to \(field.width)")
    }
    guard number > 0 else {
      throw CronSyntaxError(
        "a step of 0 never advances", at: columns,
        mend: "write a number from 1 to \(field.width)")
    }
    // One as wide as the field is its first value, as everywhere else.
    guard number <= field.width else {
      throw CronSyntaxError(
        "a step of \(word) is wider than the \(field.name) field, which has \(field.width) values",
        at: columns,
        mend: field == .minute || field == .hour
          ? "write one value, or @every \(word)\(field == .minute ? "m" : "h") for an interval"
          : "write one value")
    }
    return number
  }

  /// A number or a name, checked to be in range.
  private func value(_ columns: Range<Int>) throws(CronSyntaxError) -> Int {
    let word = text(columns)
    guard !columns.isEmpty else {
      throw CronSyntaxError(
        "a value of the \(field.name) is missing", at: columns,
        mend: "write \(field.values.lowerBound) to \(field.values.upperBound)")
    }
    if let index = field.names.firstIndex(of: word.lowercased()) {
      return index + field.values.lowerBound
    }
    guard let number = number(columns) else { throw notAValue(word, columns) }
    guard field.values.contains(number) else {
      throw CronSyntaxError(
        "\(field.name) \(word) is outside \(field.values.lowerBound)-\(field.values.upperBound)",
        at: columns, mend: nearest(to: number))
    }
    return number
  }

  private func notAValue(_ word: String, _ columns: Range<Int>) -> CronSyntaxError {
    let lower = word.lowercased()
    let mend: String? =
      if word == "?" {
        "write *"
      } else if let name = field.names.first(where: { lower.hasPrefix($0) }) {
        "write \(name)"
      } else if !field.names.isEmpty {
        "write one of \(field.names.joined(separator: " "))"
      } else if CronField.weekdays.contains(lower) {
        "weekdays stand in the fifth field"
      } else if CronField.months.contains(lower) {
        "months stand in the fourth field"
      } else {
        "write \(field.values.lowerBound) to \(field.values.upperBound)"
      }
    return CronSyntaxError(
      "`\(word.prefix(40))` is not a \(field.name)", at: columns, mend: mend)
  }

  private func nearest(to number: Int) -> String? {
    switch field {
    case .minute where number == 60, .hour where number == 24: "did you mean 0?"
    case .hour where number < 48: "did you mean \(number - 24) or 23?"
    case .dayOfMonth where number > 31: "write L for the last day of the month"
    case .dayOfMonth: "days of a month begin at 1"
    case .month where number == 0: "months begin at 1"
    case .dayOfWeek: "0 and 7 are Sunday"
    default: nil
    }
  }

  private func unwrapped(_ first: Int, _ last: Int) -> String {
    if field.names.isEmpty {
      func range(_ a: Int, _ b: Int) -> String { a == b ? "\(a)" : "\(a)-\(b)" }
      return "\(range(first, field.values.upperBound)),\(range(field.values.lowerBound, last))"
    }
    let highest = field == .dayOfWeek ? 6 : field.values.upperBound
    let upper = first <= highest ? Array(first...highest) : [0]
    let lower = field == .dayOfWeek && first > highest ? 1 : field.values.lowerBound
    let values = upper + (lower <= last ? Array(lower...last) : [])
    return values.map(field.word).joined(separator: ",")
  }

  private var example: String {
    field.names.isEmpty ? "\(field.values.lowerBound)-5" : "\(field.word(1))-\(field.word(5))"
  }

  private func isName(_ columns: Range<Int>) -> Bool { characters[columns.lowerBound].isLetter }

  /// ASCII digits, at most four of them; more read as 9999, which no field holds.
  private func number(_ columns: Range<Int>) -> Int? {
    guard !columns.isEmpty else { return nil }
    var value = 0
    for character in characters[columns] {
      guard let byte = character.asciiValue, byte >= 48, byte <= 57 else { return nil }
      value = min(value * 10 + Int(byte - 48), 9999)
    }
    return value
  }

  private func text(_ columns: Range<Int>) -> String { String(characters[columns]) }

  /// The columns of the parts between separators, empty ones included.
  private func parts(of columns: Range<Int>, at separator: Character) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = columns.lowerBound
    for column in columns where characters[column] == separator {
      parts.append(start..<column)
      start = column + 1
    }
    return parts + [start..<columns.upperBound]
  }
}
