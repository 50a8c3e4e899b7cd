import ArgumentParser
import Scheduler

/// `carillon schedule schema`
struct ScheduleSchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of schedules files, for editors.")

  func run() { Console.out(String(ScheduleSchema.text.dropLast())) }
}
