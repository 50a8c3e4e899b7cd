import ArgumentParser
import Domain
import Store

/// `carillon quarantine ...`
struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine", abstract: "Show the rows of sources that were no candles.",
    subcommands: [QuarantineListCommand.self], defaultSubcommand: QuarantineListCommand.self)
}

/// `carillon quarantine list`
struct QuarantineListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List rows that were set apart: place, reason, row (the default).",
    discussion: """
      A row that is mended at its source is taken by a later fetch. One that is right although it \
      moves by more than is believed: carillon candles accept.
      """)

  @Argument(help: "The symbol, like BTC-USDT; all without it.", completion: Completions.symbol)
  var symbol: String?

  @Option(name: .shortAndLong, help: "How many at most.")
  var number = 50

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC.")
  var json = false

  func validate() throws {
    guard (1...100_000).contains(number) else {
      throw ValidationError("--number \(number) is not from 1 to 100000")
    }
    if let symbol, Symbol(symbol) == nil {
      throw ValidationError("\(symbol) is no symbol; write it like BTC-USDT")
    }
  }

  func run() throws {
    let store = try Workspace(global).existingStore()
    let (rows, names, total) = try store.read { transaction in
      let all = try transaction.series.all()
      let wanted = symbol.map { name in all.filter { "\($0.series.symbol)" == name } }
      let rows =
        if let wanted {
          try wanted.flatMap { try transaction.quarantine.rows($0, limit: number) }
        } else {
          try transaction.quarantine.rows(nil, limit: number)
        }
      return (
        rows.sorted { $0.created > $1.created }.prefix(number),
        Dictionary(uniqueKeysWithValues: all.map { ($0.id, "\($0.series)") }),
        try transaction.quarantine.count()
      )
    }
    try store.close()
    if json {
      Console.out(
        .object([
          .init("schema", .string("carillon.quarantine/1")), .init("total", .number(total)),
          .init(
            "rows",
            .array(
              rows.map { row in
                .object([
                  .init("series", .string(names[row.series] ?? "")),
                  .init("place", .string(row.place)), .init("reason", .string(row.reason)),
                  .init("row", .string(row.text)), .init("since", .string("\(row.created)")),
                ])
              })),
        ]))
      return
    }
    guard !rows.isEmpty else { return Console.out("no row was set apart") }
    let clock = try global.clock()
    for row in rows {
      let series = names[row.series] ?? ""
      Console.out("\(Self.shown(row.place))  (\(series), \(clock.text(row.created)))")
      Console.out("  \(Self.shown(row.reason))")
      Console.out("  \(Self.shown(row.text))")
    }
  }

  /// A text of a source without control characters, which could repaint the reader's terminal.
  private static func shown(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      shown.append(isControl ? "\u{FFFD}" : scalar)
    }
    return String(shown)
  }
}
