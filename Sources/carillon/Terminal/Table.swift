/// Rows of text in aligned columns, for people; or separated by tabs, for scripts.
struct Table {
  /// How a column is aligned.
  enum Alignment {
    /// At the left edge: names.
    case left
    /// At the right edge: numbers.
    case right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  /// A table of these columns; a title that begins with `>` is right-aligned.
  init(_ titles: String...) {
    columns = titles.map {
      $0.hasPrefix(">") ? (String($0.dropFirst()), .right) : ($0, .left)
    }
  }

  /// Whether no row was added.
  var isEmpty: Bool { rows.isEmpty }

  /// Adds a row; missing cells are empty.
  mutating func add(_ cells: String...) {
    rows.append(cells + Array(repeating: "", count: max(0, columns.count - cells.count)))
  }

  /// The lines, with titles; `plain` separates cells with tabs.
  func lines(plain: Bool = false) -> [String] {
    let all = [columns.map(\.title)] + rows
    if plain { return all.map { $0.joined(separator: "\t") } }
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[index] - cell.count)
        line += (index > 0 ? "  " : "")
        line += columns[index].alignment == .left ? cell + padding : padding + cell
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
