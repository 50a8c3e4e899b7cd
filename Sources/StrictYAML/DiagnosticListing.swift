import Domain

/// Draws mistakes with the line they stand on.
///
///     schedules.yaml:12:12: error: no job named `fecth`
///      12 |     after: fecth
///         |            ^^^^^ did you mean `fetch` (line 5)?
struct DiagnosticListing {
  private let lines: [String: [[Unicode.Scalar]]]
  private let color: Bool

  /// The longest part of a source line that is quoted, in characters.
  static let maximumLineCharacters = 160

  /// Keys whose values are secrets wherever they stand, also where they are misplaced.
  private static let secretKeys = [
    "secret", "token", "password", "passphrase", "api-key", "private-key",
  ]

  /// A listing of texts by their names; of `secrets`, no place is quoted, whatever is told of its line.
  init(sources: [String: String], secrets: [Diagnostic] = [], color: Bool) {
    var lines = sources.mapValues { SourceText.lines(of: $0) }
    for item in secrets {
      let (file, line) = (item.location.file, item.location.line - 1)
      guard let count = lines[file]?.count, (0..<count).contains(line),
        let length = lines[file]?[line].count
      else { continue }
      let start = min(max(0, item.location.column - 1), length)
      for index in start..<min(length, start + item.length) { lines[file]?[line][index] = "*" }
    }
    self.lines = lines
    self.color = color
  }

  func drawing(of item: Diagnostic) -> String {
    let style = item.severity == .error ? Style.red : .yellow
    let head =
      paint("\(item.location)", .bold) + ": " + paint(item.severity.rawValue, style)
      + ": \(printable(item.message))"
    let number = item.location.line
    guard let file = lines[item.location.file], number >= 1, number <= file.count else {
      return head + (item.mend.map { "\n" + printable($0) } ?? "")
    }
    let (line, column) = window(of: withoutSecrets(file[number - 1]), around: item.location.column)
    let label = " \(number) |"
    let gutter = String(repeating: " ", count: label.count - 1) + "|"
    let width = max(1, min(item.length, line.count - column + 1))
    let caret =
      String(repeating: " ", count: column) + paint(String(repeating: "^", count: width), style)
    let mend = item.mend.map { " " + printable($0) } ?? ""
    return """
      \(head)
      \(label) \(printable(line))
      \(gutter)\(caret)\(mend)
      """
  }

  /// The line with asterisks for a user's name and password in an address: what is wrong elsewhere on
  /// the line must not put them on a screen or into a log.
  private func withoutSecrets(_ line: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var line = line
    var start = line.startIndex
    let mark = Array("://".unicodeScalars)
    while let slashes = line.indices[start...].first(where: { line[$0...].starts(with: mark) }) {
      start = slashes + mark.count
      let end = line[start...].firstIndex { " \t\"'".unicodeScalars.contains($0) } ?? line.endIndex
      guard let at = line[start..<end].lastIndex(of: "@") else { continue }
      for index in start..<at { line[index] = "*" }
    }
    for key in Self.secretKeys { hideValues(of: Array(key.unicodeScalars) + [":"], in: &line) }
    return line
  }

  /// Puts asterisks for what stands behind a key, up to the end of the line or of its part of a mapping.
  private func hideValues(of key: [Unicode.Scalar], in line: inout [Unicode.Scalar]) {
    var start = line.startIndex
    while let found = line.indices[start...].first(where: { line[$0...].starts(with: key) }) {
      start = found + key.count
      var isQuoted = false
      while start < line.endIndex, isQuoted || !",}".unicodeScalars.contains(line[start]) {
        if line[start] == "\"" || line[start] == "'" {
          isQuoted.toggle()
        } else if line[start] != " " || isQuoted {
          line[start] = "*"
        }
        start += 1
      }
    }
  }

  /// The part of a long line around a column, and the column within that part.
  private func window(
    of line: [Unicode.Scalar], around column: Int
  ) -> (line: [Unicode.Scalar], column: Int) {
    let limit = Self.maximumLineCharacters
    let column = max(1, min(column, line.count + 1))
    guard line.count > limit else { return (line, column) }
    let start = max(0, min(column - limit / 2, line.count - limit))
    return (Array(line[start..<start + limit]), column - start)
  }

  /// The text without control characters, which could repaint the reader's terminal.
  private func printable(_ text: some Sequence<Unicode.Scalar>) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text {
      // A tab is shown as one space: a caret below it stands right.
      let shown: Unicode.Scalar = scalar == "\t" ? " " : scalar
      result.append(SourceText.isControl(shown) ? "\u{FFFD}" : shown)
    }
    return String(result)
  }

  private func printable(_ text: String) -> String { printable(text.unicodeScalars) }

  /// The codes of ECMA-48, "Select Graphic Rendition".
  private enum Style: String {
    case bold = "1"
    case red = "1;31"
    case yellow = "1;33"
  }

  private func paint(_ text: String, _ style: Style) -> String {
    color ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
