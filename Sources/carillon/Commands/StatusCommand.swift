import ArgumentParser

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "status")
  func run() throws {}
}
struct HealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "health")
  func run() throws {}
}
