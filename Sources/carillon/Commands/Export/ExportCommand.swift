import ArgumentParser
import Domain

/// `carillon export ...`
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write data out for other programs.",
    subcommands: [
      ExportFeaturesCommand.self, ExportTradesCommand.self, ExportOrdersCommand.self,
      ExportFillsCommand.self, ExportEquityCommand.self, ExportPositionsCommand.self,
      ExportDecisionsCommand.self, ExportPostingsCommand.self, ExportLotsCommand.self,
    ])
}

/// How rows are written out.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  /// A header and a line a row; a missing value is empty.
  case csv
  /// A JSON object a line, the first of which describes the rest; a missing value is `null`.
  case jsonl
  /// One JSON object, with all rows in a list.
  case json

  /// The beginning of a file of the last two: an object that describes its rows.
  func beginning(_ object: JSONValue) -> String {
    let text = object.text()
    return self == .json ? text.dropLast() + ",\"rows\":[\n" : text + "\n"
  }

  /// A row of theirs, with a line feed, as it stands after so many others.
  func row(_ line: String, after count: Int) -> String {
    self == .json && count > 0 ? ",\(line)" : line
  }

  /// What stands behind all rows.
  var end: String { self == .json ? "]}\n" : "" }
}

/// Which way rows are written out.
struct ExportFormatOptions: ParsableArguments {
  @Option(help: "csv, jsonl or json.")
  var format = ExportFormat.csv

  @Flag(help: "Print one JSON object, as --format json does.")
  var json = false

  /// The format that is asked for.
  var chosen: ExportFormat { json ? .json : format }
}
