import ArgumentParser

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what runs.");
  func run() throws {}
}
struct HealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "health", abstract: "h");
  func run() throws {}
}
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "init", abstract: "i");
  func run() throws {}
}
struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "schedule", abstract: "i");
  func run() throws {}
}
struct PortfolioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "portfolio", abstract: "i");
  func run() throws {}
}
struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "snapshot", abstract: "i");
  func run() throws {}
}
struct ExchangeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "exchange", abstract: "i");
  func run() throws {}
}
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "demo", abstract: "i");
  func run() throws {}
}
