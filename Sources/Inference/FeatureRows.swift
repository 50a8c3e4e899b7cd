public import Domain

/// Rows of features from a table, in the order of a model.
///
/// Columns are found by their names, in any order, more of them than the model reads; only a model
/// that names none takes them by their place. A name that is missing is an error: scores of the wrong
/// columns look like scores.
public struct FeatureRows: Sendable {
  /// One element for each row of the table.
  public private(set) var rows: [[Double]] = []

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - text: a header and a row a line. An empty cell or `nan` is a missing value. Cells may be
  ///     quoted, and a byte order mark stand before the header.
  ///   - path: where it stands, for messages.
  ///   - model: what the rows are for.
  /// - Throws: exit 65 with the place of what is wrong.
  public init(_ text: String, path: String, of model: Model) throws(Fault) {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    guard let first = lines.firstIndex(where: { !$0.isEmpty }) else {
      throw Fault("read", path, cause: "it is empty", exit: .data)
    }
    func fault(_ cause: String, line: Int, remedy: String? = nil) -> Fault {
      Fault(
        "read", path, cause: cause, remedy: remedy, exit: .data,
        location: SourceLocation(file: path, line: line + 1, column: 1))
    }
    var header = lines[first]
    if header.unicodeScalars.first == "\u{FEFF}" {
      header = Substring(header.unicodeScalars.dropFirst())
    }
    guard let names = CSVLine.cells(header)?.map(Self.trimmed) else {
      throw fault("the header has a quote that does not fit", line: first)
    }
    let places: [Int]
    do { places = try Self.places(names, model) } catch {
      throw fault(error.cause, line: first, remedy: error.remedy)
    }
    for (index, line) in lines.enumerated().dropFirst(first + 1) where !line.isEmpty {
      guard let cells = CSVLine.cells(line) else {
        throw fault("a quote does not fit", line: index)
      }
      guard cells.count == names.count else {
        throw fault("\(cells.count) cells, and the header has \(names.count)", line: index)
      }
      var row: [Double] = []
      for place in places {
        guard let value = Self.number(cells[place]) else {
          throw fault("`\(cells[place].prefix(40))` is no number", line: index)
        }
        row.append(value)
      }
      rows.append(row)
    }
  }

  /// The rows, or for a model that reads windows each window of consecutive ones.
  public func windows(of model: Model) -> [[Double]] {
    guard model.windowLength > 1 else { return rows }
    guard rows.count >= model.windowLength else { return [] }
    return (0...(rows.count - model.windowLength)).map { start in
      rows[start..<start + model.windowLength].flatMap { $0 }
    }
  }

  /// Why columns cannot be found.
  private struct HeaderError: Error {
    var cause: String
    var remedy: String?
  }

  private static func places(_ names: [String], _ model: Model) throws(HeaderError) -> [Int] {
    guard let wanted = model.featureNames, !isAutomatic(wanted) || names.contains(wanted[0]) else {
      guard names.count == model.featureCount else {
        throw HeaderError(
          cause: "it has \(names.count) columns, and the model, which names none, reads "
            + "\(model.featureCount) features")
      }
      return Array(names.indices)
    }
    let places = Dictionary(grouping: names.indices) { names[$0] }
    var found: [Int] = []
    for name in wanted {
      guard let these = places[name] else {
        let near =
          names.first { $0.lowercased() == name.lowercased() }
          ?? Spelling.nearest(name, among: names)
        throw HeaderError(
          cause: "it has no column `\(name)`, which the model reads",
          remedy: near.map { "did you mean it by `\($0)`? names are taken to the letter" }
            ?? "the model reads: \(wanted.joined(separator: ", "))")
      }
      guard these.count == 1 else {
        throw HeaderError(cause: "it has \(these.count) columns `\(name)`", remedy: "keep one")
      }
      found.append(these[0])
    }
    return found
  }

  /// Whether the names are those that LightGBM gives to columns without: `Column_0` and so on.
  private static func isAutomatic(_ names: [String]) -> Bool {
    names.enumerated().allSatisfy { $1 == "Column_\($0)" }
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }

  private static func number(_ text: String) -> Double? {
    let text = trimmed(text)
    return text.isEmpty ? .nan : Double(text)
  }
}
