import ArgumentParser
import Disk
import Domain
import Jobs
import Settings
import Store
import Venues

/// `carillon candles import`
struct CandlesImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Fill a series from files: gaps, and history deeper than its source gives.",
    discussion: """
      Files are named BASE_QUOTE_TIMEFRAME.csv and have the columns time_ms,open,high,low,close,volume, as \
      those of a csv venue. Candles that a series has stay as they are; where a file says otherwise of one \
      of them it is refused whole (65), and nothing of it is taken. Candles newer than the newest that was \
      fetched are left to the next fetch. A series that is new begins with its file. What was taken, and \
      the file's SHA-256, are a row of the audit; features are made anew by the next compute.
      """)

  @Argument(help: "A file, or a folder of them.", completion: .file())
  var path: String

  @Option(
    help:
      "The venue whose series are filled, by its name in the settings (default: that of `market`).")
  var venue: String?

  @Flag(help: "Say what would be taken, and take nothing.")
  var dryRun = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let workspace = try Workspace(global)
    let settings = workspace.settings
    let venue = self.venue ?? settings.market.venue
    guard settings.venues[venue] != nil else {
      throw Fault(
        "import", path, cause: "\(settings.source) names no venue `\(venue)`",
        remedy: "known are: " + settings.venues.keys.sorted().joined(separator: ", "), exit: .usage)
    }
    let imports = try files().map { try CandleImport(path: $0, venue: venue) }
    let now = SystemTime().now
    var outcomes: [(CandleImport, CandleImport.Outcome)] = []
    if dryRun {
      let store = try workspace.existingStore()
      outcomes = try store.read { transaction in
        try imports.map { ($0, try $0.outcome(in: transaction, at: now)) }
      }
      try store.close()
    } else {
      let (store, lock) = try workspace.openForWriting("carillon candles import")
      defer { withExtendedLifetime(lock) {} }
      // All or nothing: half a folder would be hard to tell from a whole one.
      outcomes = try store.write(at: now) { transaction in
        try imports.map { ($0, try $0.write(to: transaction, at: now)) }
      }
      try store.close()
    }
    show(outcomes)
  }

  /// The file, or those of the folder that are named as candle files are.
  private func files() throws -> [String] {
    guard Folder.exists(path) else { return [path] }
    let names = try Folder.names(in: path).filter { CandleFileName($0) != nil }.sorted()
    guard !names.isEmpty else {
      throw Fault(
        "import", path, cause: "no file in it is named BASE_QUOTE_TIMEFRAME.csv",
        remedy: "name one: BTC_USD_1h.csv", exit: .noInput)
    }
    return names.map { "\(path)/\($0)" }
  }

  private func show(_ outcomes: [(CandleImport, CandleImport.Outcome)]) {
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.candles-import/1")), .init("dry_run", .bool(dryRun)),
          .init("files", .array(outcomes.map { Self.json($0.0, $0.1) })),
        ]))
      return
    }
    var table = Table("SERIES", ">TAKEN", "FIRST", "LAST", ">KNOWN", ">NEWER", ">NO CANDLES")
    for (one, outcome) in outcomes {
      table.add(
        "\(one.series)", "\(outcome.inserted)", outcome.first.map { "\($0)" } ?? "",
        outcome.last.map { "\($0)" } ?? "", "\(outcome.known)", "\(outcome.newer)",
        "\(outcome.rejected.count)")
    }
    output.print(table)
    guard !output.plain else { return }
    for (one, outcome) in outcomes {
      if let bad = outcome.rejected.first {
        Console.say("\(bad.place): \(bad.reason)")
      }
      if outcome.inserted > 0, outcome.known == 0 {
        Console.say(
          "\(one.series) has no candle that the file has too: nothing says that they are of one market"
        )
      }
    }
    if dryRun { Console.out("nothing was taken (--dry-run)") }
  }

  private static func json(
    _ one: CandleImport, _ outcome: CandleImport.Outcome
  ) -> JSONValue {
    .object([
      .init("file", .string(one.path)), .init("series", .string("\(one.series)")),
      .init("taken", .number(outcome.inserted)),
      .init("first", outcome.first.map { .string("\($0)") } ?? .null),
      .init("last", outcome.last.map { .string("\($0)") } ?? .null),
      .init("known", .number(outcome.known)), .init("newer", .number(outcome.newer)),
      .init(
        "rejected",
        .array(
          outcome.rejected.map {
            .object([.init("place", .string($0.place)), .init("reason", .string($0.reason))])
          })),
    ])
  }
}
