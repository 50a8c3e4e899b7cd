import ArgumentParser
import Domain

/// `carillon version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  @OptionGroup var output: OutputOptions

  func run() {
    let zones = ZoneDatabase.version ?? "unknown"
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.version/1")), .init("version", .string(Version.text)),
          .init("tzdata", .string(zones)),
        ]))
    } else {
      Console.out("carillon \(Version.text) (time zones \(zones))")
    }
  }
}
