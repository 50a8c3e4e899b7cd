import Domain
import Indicators
import Jobs

/// Rows of features as text: numbers in the fewest digits that read back the same, as
/// `carillon indicators compute` prints them.
struct FeatureText {
  private let selection: FeatureSelection
  private let format: ExportFormat
  private let withClose: Bool

  /// - Throws: exit 64 when a feature is named as one of the other columns of a CSV file.
  init(_ selection: FeatureSelection, format: ExportFormat, withClose: Bool) throws(Fault) {
    self.selection = selection
    self.format = format
    self.withClose = withClose
    let twice = Self.columns(withClose).first(where: selection.specification.names.contains)
    if format == .csv, let twice {
      throw Fault(
        "export", "features as CSV", cause: "a feature is named `\(twice)`, as another column is",
        remedy: twice == "close"
          ? "leave out --with-close, or use --format jsonl"
          : "use --format jsonl", exit: .usage)
    }
  }

  private static func columns(_ withClose: Bool) -> [String] {
    ["symbol", "time_ms"] + (withClose ? ["close"] : [])
  }

  /// The first line, with its line feed.
  var header: String {
    let names = selection.specification.names
    switch format {
    case .csv:
      return (Self.columns(withClose) + names).joined(separator: ",") + "\n"
    case .jsonl, .json:
      let object = JSONValue.object([
        .init("schema", .string("carillon.export.features/1")),
        .init("feature_set", .string(selection.sha256)),
        .init("specification", .string(selection.specification.canonicalText)),
        .init("venue", .string(selection.venue)),
        .init("timeframe", .string("\(selection.timeframe)")),
        .init("features", .array(names.map { .string($0) })),
      ])
      return format.beginning(object)
    }
  }

  /// One row, with its line feed.
  func line(_ row: FeatureExport.Row) -> String {
    switch format {
    case .csv:
      var text = "\(row.symbol),\(row.time.milliseconds)"
      if withClose { text += ",\(row.close.map { "\($0)" } ?? "")" }
      for value in row.values { text += value.isNaN ? "," : ",\(value)" }
      return text + "\n"
    case .jsonl, .json:
      // A row is written by hand: an object per number would cost more than reading the database.
      var text =
        #"{"symbol":"\#(row.symbol)","time":"\#(row.time)","time_ms":\#(row.time.milliseconds)"#
      if withClose { text += #","close":\#(row.close.map { "\($0)" } ?? "null")"# }
      let values = zip(selection.specification.names, row.values).map { name, value in
        "\"\(name)\":\(Self.number(value))"
      }
      return text + #","features":{"# + values.joined(separator: ",") + "}}\n"
    }
  }

  /// JSON has no word for infinity, but its grammar has numbers that every reader takes for it.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "null" }
    return value.isFinite ? "\(value)" : value < 0 ? "-1e999" : "1e999"
  }
}
