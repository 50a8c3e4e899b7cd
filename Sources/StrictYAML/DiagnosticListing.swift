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

  init(sources: [String: String], color: Bool) {
    lines = sources.mapValues { SourceText.lines(of: $0) }
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
    return line
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
