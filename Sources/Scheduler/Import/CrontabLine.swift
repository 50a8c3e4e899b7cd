import Domain
import StrictYAML

/// A line of a crontab.
struct CrontabLine {
  var number: Int
  var content: Content

  enum Content {
    case blank
    /// Without its `#`.
    case comment(String)
    /// `NAME=value`, and where the name stands.
    case assignment(name: String, value: String, column: Int)
    case job(CrontabJob)
    /// It is none of these, as the note says.
    case unreadable(CrontabNote)
  }
}

/// When a line runs, as whom, and what.
struct CrontabJob {
  /// Five fields, or one word that begins with `@`.
  var fields: [CrontabWord]
  var user: CrontabWord?
  /// As it stands in the file, with `%` unread.
  var command: CrontabWord
  /// Whether `%` ends the command and begins its input.
  var hasInput: Bool
  /// What the fields beside the five say that cannot be told.
  var refusal: CrontabNote?
}

/// A part of a line and where it begins, in characters from 1.
struct CrontabWord {
  var text: String
  var column: Int
}

/// A remark on a part of a line.
struct CrontabNote: Error {
  var message: String
  var column: Int
  var length: Int
  var mend: String?

  init(_ message: String, at word: CrontabWord, mend: String? = nil) {
    (self.message, self.mend) = (message, mend)
    (column, length) = (word.column, word.text.count)
  }
}

/// Takes the lines of a crontab apart.
struct CrontabReader {
  let file: String
  let format: CrontabImport.Format
  let users: CrontabUsers

  func lines(of text: String) -> [CrontabLine] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.hasSuffix("\r") ? $0.dropLast() : $0
    }
    let format = format == .auto ? detect(lines) : format
    return lines.enumerated().map {
      CrontabLine(number: $0 + 1, content: Self.content($1, format))
    }
  }

  /// A file of the system by its place, by the heading that such files have, or because the first word
  /// of each command is a user of the system; supercronic's by fields that look like years.
  private func detect(_ lines: [Substring]) -> CrontabImport.Format {
    if file == "/etc/crontab" || file.contains("/etc/cron.d/") { return .system }
    let jobs = lines.compactMap { line -> [CrontabWord]? in
      let words = Self.words(line)
      guard let first = words.first, !first.text.hasPrefix("#"), Self.assignment(line) == nil else {
        return nil
      }
      return words
    }
    if jobs.contains(where: { Self.hasYear($0, at: 5) || Self.hasYear($0, at: 6) }) {
      return .supercronic
    }
    let isHeaded = lines.contains { line in
      line.hasPrefix("#") && Self.words(line).map(\.text).contains("user")
        && line.contains("command") && line.contains("dow")
    }
    let areOfUsers =
      !jobs.isEmpty
      && jobs.allSatisfy { words in
        let index = words[0].text.hasPrefix("@") ? 1 : 5
        return words.count > index + 1 && users.isCertain(words[index].text)
      }
    return isHeaded || areOfUsers ? .system : .user
  }

  private static func content(
    _ line: Substring, _ format: CrontabImport.Format
  ) -> CrontabLine.Content {
    let words = words(line)
    guard let first = words.first else { return .blank }
    if first.text.hasPrefix("#") {
      return .comment(String(line.drop { $0 == " " || $0 == "\t" }.dropFirst()))
    }
    if let (name, value) = assignment(line) {
      return .assignment(name: name, value: value, column: first.column)
    }
    do { return .job(try job(words, line, format)) } catch { return .unreadable(error) }
  }

  private static func job(
    _ words: [CrontabWord], _ line: Substring, _ format: CrontabImport.Format
  ) throws(CrontabNote) -> CrontabJob {
    let whole = CrontabWord(
      text: String(line.dropFirst(words[0].column - 1)), column: words[0].column)
    var fields: [CrontabWord]
    var refusal: CrontabNote?
    var count = words[0].text.hasPrefix("@") ? 1 : 5
    if words[0].text.lowercased() == "@every" { count = 2 }
    if format == .supercronic, count == 5 {
      if hasYear(words, at: 6) { count = 7 } else if hasYear(words, at: 5) { count = 6 }
    }
    guard words.count > count else {
      throw CrontabNote(
        "no command behind the \(count == 1 ? "time" : "five fields")", at: whole,
        mend: "write minute hour day-of-month month day-of-week command")
    }
    fields = Array(words[..<count])
    if count == 7 {
      let seconds = fields.removeFirst()
      if seconds.text != "0", seconds.text != "00" {
        refusal = CrontabNote(
          "`\(seconds.text)` in the field of seconds: slots begin with a minute", at: seconds,
          mend: "use `every: 30s` for intervals of seconds")
      }
    }
    if fields.count == 6 {
      let year = fields.removeLast()
      if year.text != "*", year.text != "?" {
        refusal = CrontabNote("years cannot be told", at: year, mend: "remove the job in time")
      }
    }
    if count == 2 {
      fields = [CrontabWord(text: "@every \(words[1].text)", column: words[0].column)]
    }
    var user: CrontabWord?
    if format == .system {
      user = words[count]
      count += 1
      guard words.count > count else {
        throw CrontabNote(
          "no command behind the user `\(words[count - 1].text.prefix(40))`", at: whole,
          mend: "if this is a user's crontab: --format user")
      }
    }
    let begin = words[count].column
    return CrontabJob(
      fields: fields, user: user,
      command: CrontabWord(text: String(line.dropFirst(begin - 1)), column: begin),
      hasInput: format != .supercronic, refusal: refusal)
  }

  /// Whether all words up to one look like fields, and that one like years.
  private static func hasYear(_ words: [CrontabWord], at index: Int) -> Bool {
    guard words.count > index + 1 else { return false }
    let isFields = words[...index].allSatisfy { word in
      word.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "*,/-?#".contains($0)) }
    }
    let year = words[index].text
    let isYear =
      year == "*" || year == "?" || (year.prefix(4).allSatisfy(\.isNumber) && year.count >= 4)
    return isFields && isYear
  }

  /// `NAME=value` or `NAME = "value"`, as cron reads it.
  private static func assignment(_ line: Substring) -> (name: String, value: String)? {
    let start = line.drop { $0 == " " || $0 == "\t" }
    guard let equals = start.firstIndex(of: "=") else { return nil }
    let name = unquoted(trimmed(start[..<equals]))
    guard !name.isEmpty, !name.contains(where: { " \t\"'".contains($0) }),
      name.first?.isNumber == false, !name.contains(where: { "*@/,".contains($0) })
    else { return nil }
    return (String(name), String(unquoted(trimmed(start[start.index(after: equals)...]))))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }

  private static func unquoted(_ text: Substring) -> Substring {
    guard text.count >= 2, let first = text.first, first == "\"" || first == "'",
      text.last == first
    else { return text }
    return text.dropFirst().dropLast()
  }

  private static func words(_ line: Substring) -> [CrontabWord] {
    var words: [CrontabWord] = []
    var word = ""
    var start = 1
    for (index, character) in line.enumerated() {
      if character == " " || character == "\t" {
        if !word.isEmpty { words.append(CrontabWord(text: word, column: start)) }
        word = ""
      } else {
        if word.isEmpty { start = index + 1 }
        word.append(character)
      }
    }
    if !word.isEmpty { words.append(CrontabWord(text: word, column: start)) }
    return words
  }
}
