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

  /// A column that gives way on a narrow terminal keeps so many characters; below that, rows become
  /// cards.
  private static let fewestCharacters = 12
  /// Columns whose words are coloured by what they say.
  private static let stateTitles: Set<String> = ["STATE", "STATUS", "OUTCOME"]

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
  ///
  /// Where they are too wide for the screen, the widest columns of words are cut (`…`); where that is not
  /// enough, each row becomes lines of its own.
  func lines(plain: Bool = false, on screen: Screen = .none) -> [String] {
    let all = [columns.map(\.title)] + rows
    if plain { return all.map { $0.joined(separator: "\t") } }
    var widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    if let limit = screen.columns, !fit(&widths, into: limit) { return cards(on: screen) }
    return all.enumerated().map { index, row in line(of: row, widths, isTitle: index == 0, screen) }
  }

  /// Takes from the widest columns of words until a line fits; false where it never does.
  private func fit(_ widths: inout [Int], into limit: Int) -> Bool {
    var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - limit
    while excess > 0 {
      let words = widths.indices.filter { columns[$0].alignment == .left }
      guard let widest = words.max(by: { widths[$0] < widths[$1] }),
        widths[widest] > Self.fewestCharacters
      else { return false }
      widths[widest] -= 1
      excess -= 1
    }
    return true
  }

  private func line(
    of row: [String], _ widths: [Int], isTitle: Bool, _ screen: Screen
  ) -> String {
    var line = ""
    for (index, whole) in row.enumerated() {
      let cell =
        whole.count > widths[index] ? whole.prefix(max(0, widths[index] - 1)) + "…" : whole
      let padding = String(repeating: " ", count: widths[index] - cell.count)
      let isState = !isTitle && Self.stateTitles.contains(columns[index].title)
      let shown = isState ? screen.paint(state: cell) : cell
      line += (index > 0 ? "  " : "")
      line += columns[index].alignment == .left ? shown + padding : padding + shown
    }
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  /// Each row as a card: its cells below each other, empty ones left out.
  private func cards(on screen: Screen) -> [String] {
    let width = columns.map(\.title.count).max() ?? 0
    return rows.enumerated().flatMap { index, row in
      let cells = zip(columns, row).filter { !$0.1.isEmpty }.flatMap { column, cell in
        let padding = String(repeating: " ", count: width - column.title.count)
        let isState = Self.stateTitles.contains(column.title)
        let shown = isState ? screen.paint(state: cell) : cell
        return screen.wrapped("\(column.title)\(padding)  \(shown)", indent: width + 2)
      }
      return (index > 0 ? [""] : []) + cells
    }
  }
}
