/// One line of comma-separated values.
///
/// Source: RFC 4180, of which a line break inside a cell is left out: every table here has a row a
/// line. Spaces before and behind quotes are let pass, since people write them.
public enum CSVLine {
  /// The cells of a line without its end, quotes removed; nil where a quote is not closed, or where text
  /// stands beside one.
  public static func cells(_ line: some StringProtocol) -> [String]? {
    guard line.utf8.contains(UInt8(ascii: "\"")) else {
      return line.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    }
    var cells: [String] = []
    var rest = line.unicodeScalars[...]
    while true {
      let cell = rest.drop { $0 == " " }
      if cell.first == "\"" {
        rest = cell.dropFirst()
        guard let text = quotedText(&rest) else { return nil }
        cells.append(text)
        rest = rest.drop { $0 == " " }
      } else {
        let text = rest.prefix { $0 != "," }
        guard !text.contains("\"") else { return nil }
        cells.append(String(String.UnicodeScalarView(text)))
        rest = rest.dropFirst(text.count)
      }
      guard let comma = rest.popFirst() else { return cells }
      guard comma == "," else { return nil }
    }
  }

  /// The text up to the closing quote, which is taken too; two quotes stand for one.
  private static func quotedText<View: BidirectionalCollection>(_ rest: inout View) -> String?
  where View.Element == Unicode.Scalar, View.SubSequence == View {
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      if scalar != "\"" {
        text.append(scalar)
      } else if rest.first == "\"" {
        text.append(scalar)
        rest.removeFirst()
      } else {
        return String(text)
      }
    }
    return nil
  }

  /// A cell as it stands in a line: in quotes where it holds a comma, a quote or an end of line.
  public static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { result += "\"" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
