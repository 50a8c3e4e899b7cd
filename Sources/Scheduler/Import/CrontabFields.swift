import Domain

/// The five fields of a crontab's line as an expression that fires alike, with what cron takes and
/// `CronExpression` refuses written otherwise: ranges that wrap around, steps as wide as the field,
/// `?` and full names.
struct CrontabFields {
  private let words: [CrontabWord]
  private(set) var rewritten: [CrontabNote] = []

  init(_ words: [CrontabWord]) { self.words = words }

  /// The expression.
  mutating func expression() throws(CrontabNote) -> CronExpression {
    guard let first = words.first else { preconditionFailure("a job has fields") }
    var fields = words.map(\.text)
    if words.count == 5 {
      for field in CronField.allCases {
        fields[field.rawValue] = try rewrite(words[field.rawValue], field)
      }
    } else if first.text.lowercased() == "@reboot" {
      throw CrontabNote(
        "@reboot is no time, so it has no slots", at: first,
        mend: "start it beside `carillon run`, for example as a service of the system")
    }
    do {
      return try CronExpression(fields.joined(separator: " "))
    } catch {
      throw CrontabNote(
        error.message, at: place(of: error.columns.lowerBound, in: fields), mend: error.mend)
    }
  }

  /// The word of the file in which a column of the expression stands.
  private func place(of column: Int, in fields: [String]) -> CrontabWord {
    var end = 0
    for (index, field) in fields.enumerated() {
      end += field.count + 1
      if column < end { return words[index] }
    }
    return words[words.count - 1]
  }

  private mutating func rewrite(
    _ word: CrontabWord, _ field: CronField
  ) throws(CrontabNote) -> String {
    var items: [String] = []
    for item in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      items.append(try rewrite(item, of: word, field))
    }
    let text = items.joined(separator: ",")
    if text != word.text {
      rewritten.append(CrontabNote("`\(word.text)` is written `\(text)`", at: word))
    }
    return text
  }

  private func rewrite(
    _ item: Substring, of word: CrontabWord, _ field: CronField
  ) throws(CrontabNote) -> String {
    let parts = item.split(separator: "/", omittingEmptySubsequences: false)
    guard let base = parts.first, parts.count <= 2 else { return String(item) }
    let ends = base.split(separator: "-", omittingEmptySubsequences: false)
      .map { Self.shortName($0, field) }
    let plain = base == "?" ? "*" : ends.joined(separator: "-")
    let step = parts.count == 2 ? Int(parts[1]) : 1
    guard let step, step > 0 else { return String(item) }  // refused where it is read
    let isStar = plain == "*"
    let values = ends.compactMap { Self.value($0, field) }
    if ends.count == 2, values.count == 2, let wrapped = Self.wrapped(ends, values, field) {
      return stride(from: 0, to: wrapped.count, by: step)
        .map { field.word(wrapped[$0]) }.joined(separator: ",")
    }
    guard step >= field.width else {
      return parts.count == 2 ? "\(plain)/\(parts[1])" : plain
    }
    // Only the first value is left of it.
    guard isStar else { return ends[0] }
    if try changesMeaning(word, field) {
      throw CrontabNote(
        "a step of \(step) is wider than the \(field.name) field, and no other way to write it begins with *",
        at: word, mend: "write the value that is meant")
    }
    return "\(field.values.lowerBound)"
  }

  /// Whether a field that begins with `*` must go on doing so: it decides how the two fields of days
  /// go together, and with the other field of the clock what daylight saving does.
  private func changesMeaning(_ word: CrontabWord, _ field: CronField) throws(CrontabNote) -> Bool {
    guard word.text.first == "*" else { return false }
    func isStar(_ other: CronField) -> Bool { words[other.rawValue].text.first == "*" }
    return switch field {
    case .minute: !isStar(.hour)
    case .hour: !isStar(.minute)
    case .dayOfMonth: words[CronField.dayOfWeek.rawValue].text != "*"
    case .dayOfWeek: words[CronField.dayOfMonth.rawValue].text != "*"
    case .month: false
    }
  }

  /// The values of a range that goes over the end of the field; nil for one that does not.
  private static func wrapped(
    _ ends: [String], _ values: [Int], _ field: CronField
  ) -> [Int]? {
    let (first, last) = (values[0], values[1])
    // A week may end with Sunday, by its name.
    if field == .dayOfWeek, last == 0, first != 0, ends[1].first?.isLetter == true { return nil }
    guard first > last else { return nil }
    let highest = field == .dayOfWeek ? 6 : field.values.upperBound
    return (first <= highest ? Array(first...highest) : [0])
      + Array((field == .dayOfWeek && first > highest ? 1 : field.values.lowerBound)...last)
  }

  private static func value(_ text: String, _ field: CronField) -> Int? {
    if let index = field.names.firstIndex(of: text.lowercased()) {
      return index + field.values.lowerBound
    }
    return Int(text).flatMap { field.values.contains($0) ? $0 : nil }
  }

  /// `Monday` and `JANUARY` as supercronic takes them.
  private static func shortName(_ text: Substring, _ field: CronField) -> String {
    let lower = text.lowercased()
    let long =
      field == .month
      ? [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
      ] : ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    guard !field.names.isEmpty, let index = long.firstIndex(of: lower) else { return String(text) }
    return field.names[index]
  }
}
