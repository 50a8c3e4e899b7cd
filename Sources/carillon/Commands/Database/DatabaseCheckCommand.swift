import ArgumentParser
import Domain
import Settings
import Store

/// `carillon db check`
struct DatabaseCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract:
      "Prove a database: pages, references, positions, cash, audit (exit 1 where one is wrong).",
    discussion: """
      The pages by SQLite's own integrity check; each reference from row to row; positions and cash \
      derived anew from trades and postings; the audit's chain. A snapshot is proved by the same.
      """)

  @Argument(help: "The database; that of the settings unless named.", completion: .file())
  var database: String?

  @OptionGroup var global: SetupOptions
  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let store =
      if let database { try Store.open(database, mode: .readOnly) } else {
        try Workspace(global).existingStore()
      }
    let findings = try store.prove()
    try store.close()
    if json {
      Console.out(
        .object([
          .init("schema", .string("carillon.db-check/1")), .init("database", .string(store.path)),
          .init("sound", .bool(findings.isEmpty)),
          .init("findings", .array(findings.map { .string($0) })),
        ]))
    } else if findings.isEmpty {
      Console.out("\(store.path): sound")
    } else {
      findings.forEach { Console.out($0) }
      Console.say("put the newest snapshot back: carillon snapshot list, carillon snapshot restore")
    }
    if !findings.isEmpty { throw leave(.no) }
  }
}
