import ArgumentParser
import Domain
import Store

/// `carillon audit note`
struct AuditNoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note",
    abstract: "Add a row of your own: what was done to the set-up, and why.",
    discussion: """
      For what nothing else puts on record: a deployment, a word with the venue, a change of the host. \
      A row stays for ever. scripts/deploy/deploy-production and rollback add theirs with --kind deploy.
      """)

  /// The kinds of rows that somebody may add: none that the program itself writes or reads.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    /// Whatever a person wants to be remembered.
    case note
    /// Another version was started, or was to be.
    case deploy
  }

  /// The longest text that is taken, in characters.
  static let maximumCharacters = 1000

  @Argument(help: "What to put on record.")
  var words: [String]

  @Option(help: "The kind of the row.")
  var kind = Kind.note

  @OptionGroup var global: GlobalOptions

  /// The text of the row: the words in one line.
  var text: String {
    words.joined(separator: " ").split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  func validate() throws {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("there is nothing to put on record")
    }
    guard text.count <= Self.maximumCharacters else {
      throw ValidationError(
        "\(text.count) characters are more than \(Self.maximumCharacters): name a place that tells more"
      )
    }
  }

  func run() throws {
    let (store, lock) = try Workspace(global).openForWriting("carillon audit note")
    try store.write(at: SystemTime().now) { try $0.audit.append(kind.rawValue, text) }
    try store.close()
    withExtendedLifetime(lock) {}
    Console.out("on record")
  }
}
