import ArgumentParser

/// `carillon schedule ...`
struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Look at the schedule: what runs when, and why.",
    subcommands: [
      ScheduleNextCommand.self, ScheduleListCommand.self, ScheduleCheckCommand.self,
      ScheduleEditCommand.self,
      ScheduleExplainCommand.self, ScheduleSimulateCommand.self, ScheduleImportCommand.self,
      ScheduleReloadCommand.self, ScheduleSchemaCommand.self, ScheduleTrustClockCommand.self,
    ])
}
