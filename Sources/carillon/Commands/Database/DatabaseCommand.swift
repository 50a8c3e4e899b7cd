import ArgumentParser

/// `carillon db ...`
struct DatabaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db", abstract: "Prove, measure, compact and compare databases.",
    subcommands: [
      DatabaseCheckCommand.self, DatabaseStatsCommand.self, DatabaseVacuumCommand.self,
      DatabaseDiffCommand.self,
    ])
}
