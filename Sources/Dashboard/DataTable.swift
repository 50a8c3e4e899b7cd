/// A table of a page: it scrolls by itself where the screen is too narrow, and bears a caption.
public struct DataTable: Sendable {
  /// A column.
  public struct Column: Sendable, ExpressibleByStringLiteral {
    let title: String
    let isNumber: Bool

    /// A column of texts.
    public init(stringLiteral title: String) { (self.title, isNumber) = (title, false) }

    /// A column of texts, whose title is made.
    public static func text(_ title: String) -> Column { Column(title, isNumber: false) }

    /// A column of numbers, to the right.
    public static func number(_ title: String) -> Column { Column(title, isNumber: true) }

    private init(_ title: String, isNumber: Bool) {
      (self.title, self.isNumber) = (title, isNumber)
    }
  }

  private let caption: String
  private let columns: [Column]
  private let empty: String
  private var rows: [[HTML]] = []

  /// A table without rows; `empty` says what stands for none.
  public init(_ caption: String, _ columns: [Column], empty: String = "nothing yet") {
    (self.caption, self.columns, self.empty) = (caption, columns, empty)
  }

  /// Adds a row; its first cell names it.
  public mutating func add(_ cells: HTML...) { add(cells) }

  /// Adds a row; its first cell names it.
  public mutating func add(_ cells: [HTML]) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells)
  }

  /// The table.
  public var html: HTML {
    let head = columns.map { column -> HTML in
      "<th scope=\"col\"\(Self.numeric(column))>\(column.title)</th>"
    }.joined
    guard !rows.isEmpty else {
      return
        "<section\(HTML.part)><h2>\(caption)</h2><p class=\"dim\">\(empty)</p></section>\(HTML.partEnd)"
    }
    let body = rows.map { cells -> HTML in
      let first: HTML = "<th scope=\"row\"\(Self.numeric(columns[0]))>\(cells[0])</th>"
      let rest = zip(cells.dropFirst(), columns.dropFirst()).map { cell, column -> HTML in
        "<td\(Self.numeric(column))>\(cell)</td>"
      }
      return "<tr>\(first)\(rest.joined)</tr>\n"
    }.joined
    return """
      <div\(HTML.part) class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table>
      <caption>\(caption)</caption><thead><tr>\(head)</tr></thead>
      <tbody>\(body)</tbody></table></div>\(HTML.partEnd)
      """
  }

  private static func numeric(_ column: Column) -> HTML {
    column.isNumber ? " class=\"n\"" : ""
  }
}
