import ArgumentParser
import Domain
import Store

/// `carillon audit list`
struct AuditListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what was done, newest first (the default).")

  @Option(name: .shortAndLong, help: "How many at most.")
  var number = 50

  @Option(help: "Only events of this kind, like halt, plan or restore.")
  var kind: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...100_000).contains(number) else {
      throw ValidationError("--number \(number) is not from 1 to 100000")
    }
  }

  func run() throws {
    let store = try Workspace(global).existingStore()
    let (rows, head) = try store.read {
      (try $0.audit.latest(limit: number, kind: kind), try $0.audit.head)
    }
    try store.close()
    if output.json {
      return Console.out(
        .object([
          .init("schema", .string("carillon.audit/1")),
          .init("head", head.map { .string($0) } ?? .null),
          .init("rows", .array(rows.map(\.json))),
        ]))
    }
    guard !rows.isEmpty else { return Console.say("nothing is on record") }
    let clock = try global.clock()
    var table = Table(">ROW", "TIME", "KIND", "WHO", "FROM", "WHAT")
    for row in rows {
      table.add(
        "\(row.id)", clock.text(row.time), row.kind, row.who ?? "", row.origin ?? "",
        row.text.split(separator: "\n").joined(separator: " "))
    }
    output.print(table)
  }
}

extension AuditRecord {
  /// The row for machines: with it the chain can be computed anew.
  var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return .object([
      .init("id", .number(id)), .init("time", .string("\(time)")),
      .init("time_ms", .number(time.milliseconds)), .init("kind", .string(kind)),
      .init("text", .string(self.text)), .init("who", text(who)), .init("origin", text(origin)),
      .init("subject", text(subject)), .init("hash", text(hash)),
    ])
  }
}
