import ArgumentParser
import Domain
import Store

/// `carillon db diff`
struct DatabaseDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two databases row by row (exit 1 where they differ).",
    discussion: "Rows are compared by their keys; neither file is changed.")

  @Argument(help: "The first database.", completion: .file())
  var first: String

  @Argument(help: "The second database.", completion: .file())
  var second: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let tables = try DatabaseDifference.between(first, second)
    let differing = tables.filter { !$0.isNone }
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.db-diff/1")), .init("tables", .number(tables.count)),
          .init("same", .bool(differing.isEmpty)),
          .init("differences", .array(differing.map(Self.json))),
        ]))
    } else if differing.isEmpty {
      Console.out("\(tables.count) tables, no difference")
    } else {
      var table = Table("TABLE", ">ONLY FIRST", ">ONLY SECOND", ">CHANGED", "")
      for difference in differing {
        table.add(
          difference.table, "\(difference.onlyFirst)", "\(difference.onlySecond)",
          "\(difference.changed)", difference.isOtherShape ? "of another shape, or missing" : "")
      }
      output.print(table)
    }
    if !differing.isEmpty { throw leave(.no) }
  }

  private static func json(_ difference: TableDifference) -> JSONValue {
    .object([
      .init("table", .string(difference.table)),
      .init("only_first", .number(difference.onlyFirst)),
      .init("only_second", .number(difference.onlySecond)),
      .init("changed", .number(difference.changed)),
      .init("other_shape", .bool(difference.isOtherShape)),
    ])
  }
}
