import ArgumentParser
import Domain
import Store

/// `carillon audit verify`
struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that no row was changed, taken out or put in (exit 1 where one was).",
    discussion: """
      With --head, a hash that was noted before: it must be the link of one of the rows. Without it a \
      history that was made anew as a whole cannot be told from the true one.
      """)

  @Option(help: "A head that was seen before, as 64 hexadecimal digits.")
  var head: String?

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC.")
  var json = false

  func validate() throws {
    guard let head else { return }
    guard head.utf8.count == 64, head.allSatisfy(\.isHexDigit) else {
      throw ValidationError("--head is 64 hexadecimal digits: carillon status --json")
    }
  }

  func run() throws {
    let store = try Workspace(global).existingStore()
    var (verdict, row) = try store.read { transaction in
      (
        try transaction.audit.verify(),
        try head.flatMap { try transaction.audit.row(linked: $0.lowercased()) }
      )
    }
    try store.close()
    if let head, row == nil {
      verdict.findings.append("no row has the head \(head): the history is another one")
    }
    if json {
      Console.out(
        .object([
          .init("schema", .string("carillon.audit-verdict/1")),
          .init("rows", .number(verdict.rows)),
          .init("head", verdict.head.map { .string($0) } ?? .null),
          .init("expected_at", row.map { .number($0) } ?? .null),
          .init("findings", .array(verdict.findings.map { .string($0) })),
        ]))
    } else if verdict.findings.isEmpty {
      Console.out(
        "\(verdict.rows) rows, none changed" + (row.map { "; the head is row \($0)'s" } ?? ""))
      Console.out(
        verdict.head.map { "head \($0)" }
          ?? "nothing is chained yet: the next row links all of them")
    } else {
      verdict.findings.forEach { Console.out($0) }
    }
    if !verdict.findings.isEmpty { throw leave(.no) }
  }
}
