import ArgumentParser
import Domain
import Service
import Settings

/// `carillon config ...`
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show the settings in force.",
    subcommands: [ConfigShowCommand.self])
}

/// `carillon config show`
struct ConfigShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show each setting with its value and where it comes from; secrets are never shown.",
    discussion: """
      The source is a line of the settings file, an environment variable, or `default`. A service that \
      runs read its settings when it started: its page /config shows those.
      """)

  @OptionGroup var global: SetupOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let settings = try Workspace(global).settings
    let rows = SettingsInForce(settings).rows
    if output.json {
      return Console.out(
        JSONValue.object([
          .init("schema", .string("carillon.config/1")), .init("file", .string(settings.source)),
          .init(
            "settings",
            .array(
              rows.map { row in
                .object([
                  .init("name", .string(row.name)), .init("value", .string(row.value)),
                  .init("source", .string(row.source)),
                ])
              })),
        ]))
    }
    var table = Table("SETTING", "VALUE", "SOURCE")
    for row in rows { table.add(row.name, row.value, row.source) }
    output.print(table)
  }
}
