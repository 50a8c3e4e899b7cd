import ArgumentParser

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
}
