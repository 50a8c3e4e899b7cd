/// One record of a CSV file: a cell that holds a comma, a quote or a line's end is quoted (RFC 4180).
enum CSVLine {
  /// The record with the end of its line.
  static func text(_ cells: [String]) -> String {
    cells.map { cell in
      let isPlain = cell.utf8.allSatisfy { byte in
        byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != 10 && byte != 13
      }
      return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }.joined(separator: ",") + "\n"
  }
}
