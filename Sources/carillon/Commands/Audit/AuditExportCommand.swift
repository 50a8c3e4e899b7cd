import ArgumentParser
import Domain
import Store

/// `carillon audit export`
struct AuditExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write all rows, oldest first, one JSON object a line.",
    discussion: """
      A row's hash is the SHA-256 of: the hash of the row before it (64 zeros before the first), a \
      line feed, and id, time_ms, kind, text, who and origin, each as LENGTH:BYTES, (in UTF-8) or -, \
      where it is null; and subject, as LENGTH:BYTES, where the row was written with one. A row of \
      before there were subjects is hashed without: its text begins with its subject and a colon.
      """)

  @Option(name: .shortAndLong, help: "The file to write; standard output unless named, or for -.")
  var out: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let store = try Workspace(global).existingStore()
    var file = try ExportFile(out)
    try store.read { transaction in
      try transaction.audit.forEach { try file.write($0.json.text() + "\n") }
    }
    try file.commit()
    try store.close()
  }
}
