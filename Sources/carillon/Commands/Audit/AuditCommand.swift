import ArgumentParser

/// `carillon audit ...`
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Show what people and the process did, and prove that it was not rewritten.",
    discussion: """
      Rows are never changed or deleted, and each bears a hash over itself and the row before it. The \
      newest hash, the head, stands in carillon status --json and in the log after each snapshot: \
      with a head that was noted elsewhere a rewritten history is found even where all of it was \
      made anew.
      """,
    subcommands: [
      AuditListCommand.self, AuditVerifyCommand.self, AuditExportCommand.self,
      AuditNoteCommand.self,
    ],
    defaultSubcommand: AuditListCommand.self)
}
