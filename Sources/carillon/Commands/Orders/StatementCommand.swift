import ArgumentParser
import Domain
import Jobs
import Service
import Store

/// `carillon statement`
struct StatementCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "Show how an account stood against its exchange when it was last looked at.",
    discussion: """
      Reads the newest statement of the record, and asks nobody: carillon orders reconcile, or a job of \
      the kind `reconcile`, draws up a new one. `beside` is what lies at the exchange and is none of the \
      ledger's, as the first statement found it. What is there beyond that is a difference: book it \
      (carillon cash add deposit), or say with --accept that it is none of ours either. Where the exchange \
      has less than the ledger, only a booking explains it. Exit 1 while there is a difference.
      """)

  @Argument(help: "The account; needed where there are several.")
  var account: String?

  @Flag(help: "Take what is there beyond the ledger as somebody's own, and the trades as they are.")
  var accept = false

  @Option(help: "Why, for the record; needed with --accept.")
  var reason: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try SpokenReason.check(
      reason, of: "--accept", isSet: accept, whatItTells: "whose it is, or what explains it")
  }

  func run() throws {
    let now = SystemTime().now
    let workspace = try Workspace(global)
    let statement =
      if accept, let reason {
        try workspace.writing("carillon statement") { store, _ in
          try store.write(at: now) { transaction in
            let statement = try newest(transaction).accepting(reason, at: now)
            try statement.record(transaction)
            try transaction.audit.append(
              "statement", "account \(statement.account): accepted as it is: \(reason)")
            _ = try transaction.alerts.settle(
              .reconcile, statement.account, saying: "accepted: \(reason)")
            return statement
          }
        }
      } else { try read(workspace) }
    try StatementView(statement).show(output, try global.clock())
    if statement.differences > 0 { throw leave(.no) }
  }

  private func read(_ workspace: Workspace) throws -> VenueStatement {
    let store = try workspace.existingStore()
    let statement = try store.read { try newest($0) }
    try store.close()
    return statement
  }

  private func newest(_ transaction: ReadTransaction) throws -> VenueStatement {
    let names = try transaction.accounts.all().filter { $0.place != nil }.map(\.name)
    guard let name = account ?? (names.count == 1 ? names[0] : nil) else {
      throw Fault(
        "show", "a statement",
        cause: names.isEmpty ? "no account is at an exchange yet" : "there are several accounts",
        remedy: names.isEmpty ? nil : "name one: carillon statement \(names[0])", exit: .usage)
    }
    guard let record = try transaction.statements.latest(name) else {
      let isKnown = try transaction.accounts.account(name) != nil
      throw Fault(
        "show", "the statement of \(name)",
        cause: isKnown ? "none was drawn up yet" : "there is no such account",
        remedy: isKnown ? "carillon orders reconcile \(name)" : "carillon portfolio shows them all",
        exit: isKnown ? .noInput : .usage)
    }
    return try VenueStatement(record)
  }
}
