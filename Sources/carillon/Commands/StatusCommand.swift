import ArgumentParser
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "status")
  func run() throws {}
}
struct HealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "health")
  func run() throws {}
}
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "init")
  func run() throws {}
}
struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "schedule")
  func run() throws {}
}
struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "snapshot")
  func run() throws {}
}
struct ExchangeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "exchange")
  func run() throws {}
}
