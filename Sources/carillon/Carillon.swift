import ArgumentParser
import Domain
import StrictYAML

/// The command line: one file per command.
@main
struct Carillon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "carillon",
    abstract: "A scheduled trading system that one person can run and trust.",
    discussion: """
      Start with `carillon demo` (no keys, no network), then `carillon init DIR`.
      Exit codes: 0 done, 1 the answer is no, 64 usage, 65 data, 66 missing file, 69 unavailable, \
      70 internal, 73/74 output, 75 try again, 77 refused, 78 configuration.
      """,
    version: Version.text,
    subcommands: [
      InitCommand.self, DemoCommand.self, RunCommand.self, StatusCommand.self, HealthCommand.self,
      ScheduleCommand.self, JobCommand.self, PortfolioCommand.self, SnapshotCommand.self,
      ExchangeCommand.self, VersionCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let fault as Fault {
      Console.report(fault)
      exit(withError: ArgumentParser.ExitCode(fault.exit.rawValue))
    } catch let diagnostics as Diagnostics {
      Console.report(diagnostics)
      exit(withError: ArgumentParser.ExitCode(Domain.ExitCode.configuration.rawValue))
    } catch {
      exit(withError: error)
    }
  }
}

/// Ends a command whose output has said all with a code.
func leave(_ code: Domain.ExitCode) -> ArgumentParser.ExitCode {
  ArgumentParser.ExitCode(code.rawValue)
}
