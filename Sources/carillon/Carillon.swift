import ArgumentParser

/// The command line: one file per command.
@main
struct Carillon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "carillon",
    abstract: "A scheduled trading system that one person can run and trust.")
}
