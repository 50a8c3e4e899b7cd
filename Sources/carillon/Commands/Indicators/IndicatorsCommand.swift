import ArgumentParser
import Domain
import Indicators

/// `carillon indicators ...`
struct IndicatorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "indicators", abstract: "List the indicators, compute them from candle files.",
    subcommands: [IndicatorsListCommand.self, IndicatorsComputeCommand.self])
}

/// `carillon indicators list`
struct IndicatorsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the indicators with their parameters and outputs.")

  @OptionGroup var output: OutputOptions

  func run() {
    if output.json {
      let items = IndicatorCatalog.all.map { definition in
        JSONValue.object([
          .init("name", .string(definition.name)), .init("title", .string(definition.title)),
          .init(
            "parameters",
            .array(
              definition.parameters.map {
                .object([.init("name", .string($0.name)), .init("default", .number($0.standard))])
              })),
          .init("inputs", .array(definition.inputs.map { .string($0.column) })),
          .init("outputs", .array(definition.outputs.map { .string($0) })),
          .init("version", .number(definition.version)),
        ])
      }
      return Console.out(
        .object([
          .init("schema", .string("carillon.indicators.list/1")),
          .init("indicators", .array(items)),
        ]))
    }
    var table = Table("NAME", "PARAMETERS", "OUTPUTS", "WHAT")
    for definition in IndicatorCatalog.all {
      let parameters = definition.parameters.map { "\($0.name)=\(Self.short($0.standard))" }
      table.add(
        definition.name, parameters.joined(separator: ", "),
        definition.outputs.count > 1 ? definition.outputs.joined(separator: ", ") : "",
        definition.title)
    }
    output.print(table)
  }

  private static func short(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e9 ? "\(Int(value))" : "\(value)"
  }
}
