public import ArgumentParser
import Domain
public import Portfolio
import Service
import Store

/// What `carillon export trades|orders|fills|equity|positions|decisions|postings` have in common.
protocol LedgerExport: ParsableCommand {
  /// What is written.
  static var subject: TradeExport { get }
  /// The options.
  var options: LedgerExportOptions { get }
  /// By which lots are taken.
  var method: TaxLots.Method { get }
}

/// The options of an export from the books.
struct LedgerExportOptions: ParsableArguments {
  @Option(help: "One account; all of them unless named.")
  var account: String?

  @OptionGroup var span: SpanOptions

  @OptionGroup var way: ExportFormatOptions

  @OptionGroup var file: OutputFileOptions
  @OptionGroup var global: GlobalOptions
}

extension LedgerExport {
  /// What is not about lots is the same by every method.
  var method: TaxLots.Method { .fifo }

  func run() throws {
    try options.file.check()
    let store = try Workspace(options.global).existingStore()
    let subject = Self.subject
    var count = 0
    try store.read { transaction in
      let known = try transaction.accounts.all().map(\.name)
      if let account = options.account, !known.contains(account) {
        throw Fault(
          "export", "\(subject.rawValue) of account \(account)", cause: "there is no such account",
          remedy: known.isEmpty
            ? "an account begins with its first rebalance"
            : "known are: "
              + known.joined(separator: ", "), exit: .usage)
      }
      var file = try ExportFile(options.file.output)
      try file.write(header)
      try subject.rows(
        transaction, accounts: options.account.map { [$0] } ?? known,
        from: options.span.start, to: options.span.end, method: method
      ) { row in
        try file.write(options.way.chosen.row(line(row), after: count))
        count += 1
      }
      try file.write(options.way.chosen.end)
      try file.commit()
    }
    try store.close()
    Console.say("\(count) \(count == 1 ? "row" : "rows") of \(subject.rawValue)")
  }

  private var header: String {
    switch options.way.chosen {
    case .csv: CSVLine.text(Self.subject.columns)
    case .jsonl, .json:
      options.way.chosen.beginning(
        .object([
          .init("schema", .string("carillon.export.\(Self.subject.rawValue)/1")),
          .init("columns", .array(Self.subject.columns.map { .string($0) })),
        ]))
    }
  }

  private func line(_ row: [JSONValue]) -> String {
    switch options.way.chosen {
    case .csv: CSVLine.text(row.map { $0 == .null ? "" : $0.string ?? $0.text() })
    case .jsonl, .json:
      JSONValue.object(zip(Self.subject.columns, row).map { .init($0.0, $0.1) }).text() + "\n"
    }
  }
}

/// `carillon export trades`
struct ExportTradesCommand: LedgerExport {
  static let subject = TradeExport.trades
  static let configuration = CommandConfiguration(
    commandName: "trades", abstract: "Write what each order that was filled came to.")
  @OptionGroup var options: LedgerExportOptions
}

/// `carillon export orders`
struct ExportOrdersCommand: LedgerExport {
  static let subject = TradeExport.orders
  static let configuration = CommandConfiguration(
    commandName: "orders", abstract: "Write every order with its state.")
  @OptionGroup var options: LedgerExportOptions
}

/// `carillon export fills`
struct ExportFillsCommand: LedgerExport {
  static let subject = TradeExport.fills
  static let configuration = CommandConfiguration(
    commandName: "fills", abstract: "Write every fill with its fee and profit.")
  @OptionGroup var options: LedgerExportOptions
}

/// `carillon export equity`
struct ExportEquityCommand: LedgerExport {
  static let subject = TradeExport.equity
  static let configuration = CommandConfiguration(
    commandName: "equity", abstract: "Write what each account was worth over time.")
  @OptionGroup var options: LedgerExportOptions
}

/// `carillon export positions`
struct ExportPositionsCommand: LedgerExport {
  static let subject = TradeExport.positions
  static let configuration = CommandConfiguration(
    commandName: "positions", abstract: "Write what is held now.")
  @OptionGroup var options: LedgerExportOptions
}

/// `carillon export decisions`
struct ExportDecisionsCommand: LedgerExport {
  static let subject = TradeExport.decisions
  static let configuration = CommandConfiguration(
    commandName: "decisions",
    abstract: "Write what each plan decided about each instrument, and why.")
  @OptionGroup var options: LedgerExportOptions
}

/// `carillon export postings`
struct ExportPostingsCommand: LedgerExport {
  static let subject = TradeExport.postings
  static let configuration = CommandConfiguration(
    commandName: "postings", abstract: "Write every change of every asset: the books, double entry."
  )
  @OptionGroup var options: LedgerExportOptions
}

/// `carillon export lots`
struct ExportLotsCommand: LedgerExport {
  static let subject = TradeExport.lots
  static let configuration = CommandConfiguration(
    commandName: "lots",
    abstract:
      "Write what was bought, lot by lot, and what each part of it earned: for the tax office.",
    discussion: """
      A row for each lot that is held (state open) and for each part of one that has left: sold, settled, \
      paid as a fee, withdrawn, transferred. Cost and proceeds are in the account's quote asset, fees \
      included: one in the bought asset makes the lot smaller, one in a third asset is worth what that \
      asset cost. A split leaves cost and date, a transfer between two accounts takes both along. A part \
      whose cost nobody knows, since it lay there before the books began, has no gain. With --from and \
      --to: what left in that span, and no lots that are held.
      """)
  @Option(help: "fifo: the oldest lot is sold first; average: all at their average cost.")
  var method = TaxLots.Method.fifo
  @OptionGroup var options: LedgerExportOptions
}

extension TaxLots.Method: ExpressibleByArgument {}
