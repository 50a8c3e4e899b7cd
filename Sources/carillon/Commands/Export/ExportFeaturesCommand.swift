import ArgumentParser
import Disk
import Domain
import Indicators
import Jobs
import Scheduler
import Service
import Store
import StrictYAML

/// `carillon export features`
struct ExportFeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features", abstract: "Write the rows of features that inference reads.",
    discussion: """
      Ordered by time, then symbol. `time_ms` is when the candle opened; its features are known when \
      it has closed. The feature set's hash is told on standard error, and at the head of jsonl and json. \
      Candles whose rows have not been computed make it refuse (exit 1) before it writes anything.
      """)

  @Option(help: "The compute or infer job whose features they are; needed where there are several.")
  var job: String?

  @OptionGroup var span: SpanOptions

  @Option(name: .customLong("symbol"), help: "Only this symbol; may be given several times.")
  var symbols: [String] = []

  @OptionGroup var way: ExportFormatOptions

  @Flag(help: "Add the candle's last price, of which labels are made.")
  var withClose = false

  @Flag(help: "Write the rows there are even where some have not been computed.")
  var allowMissing = false

  @OptionGroup var file: OutputFileOptions
  @OptionGroup var global: SetupOptions

  func run() throws {
    try file.check()
    let workspace = try Workspace(global)
    let selection = try selection(in: workspace)
    let store = try workspace.existingStore()
    try store.read { transaction in
      let export = FeatureExport(
        selection, symbols: try chosen(of: selection, transaction),
        from: span.start, to: span.end)
      try report(try export.shortfalls(in: transaction), of: export)
      let text = try FeatureText(selection, format: way.chosen, withClose: withClose)
      var rows = try ExportFile(file.output)
      try rows.write(text.header)
      var written = 0
      let count = try export.forEachRow(in: transaction, withClose: withClose) {
        try rows.write(way.chosen.row(text.line($0), after: written))
        written += 1
      }
      try rows.write(way.chosen.end)
      try rows.commit()
      Console.say(
        "feature set \(selection.sha256): \(count) rows of "
          + "\(selection.specification.names.count) features, \(export.symbols.count) symbols")
    }
    try store.close()
  }

  /// The features of the job that was named, else of the only compute job, else of the settings.
  private func selection(in workspace: Workspace) throws -> FeatureSelection {
    let log = DiagnosticLog()
    let catalog = try workspace.catalog()
    var found: FeatureSelection?
    if job != nil || TextFile.exists(workspace.schedulesPath) {
      let scheduled = try scheduled(in: try workspace.schedule())
      found = scheduled.flatMap {
        catalog.features($0.name, $0.kind, parameters: $0.parameters, log: log)
      }
    }
    if found == nil, let name = JobName(JobKind.compute.rawValue) {
      found = catalog.features(name, .compute, parameters: nil, log: log)
    }
    guard let found else { throw log.diagnostics }
    return found
  }

  private func scheduled(in schedule: Schedule) throws -> ScheduledJob? {
    let computing = schedule.jobs.filter { $0.kind == .compute }
    guard let job else {
      guard computing.count < 2 else {
        throw Fault(
          "export", "features", cause: "\(schedule.file) has \(computing.count) compute jobs",
          remedy: "name one: --job " + computing.map(\.name.text).joined(separator: " | "),
          exit: .usage)
      }
      return computing.first
    }
    guard let found = JobName(job).flatMap({ schedule[$0] }),
      [.compute, .infer].contains(found.kind)
    else {
      throw Fault(
        "export", "features of \(job)",
        cause: "there is no compute or infer job of that name in \(schedule.file)",
        remedy: "known are: " + computing.map(\.name.text).joined(separator: ", "), exit: .usage)
    }
    return found
  }

  /// The symbols that were asked for; all of the job's where none was.
  private func chosen(
    of selection: FeatureSelection, _ transaction: ReadTransaction
  ) throws -> [Symbol] {
    let known = try selection.symbols(in: transaction)
    guard !symbols.isEmpty else { return known }
    return try Set(symbols).map { text in
      if let symbol = Symbol(text), known.contains(symbol) { return symbol }
      let near = Spelling.nearest(text, among: known.map(\.description))
      throw Fault(
        "export", "features of \(text)", cause: "the job has no such symbol",
        remedy: near.map { "did you mean `\($0)`?" }
          ?? "it has: " + known.map(\.description).joined(separator: ", "), exit: .usage)
    }
  }

  /// Says which rows there are not, and refuses unless that is allowed.
  private func report(_ shortfalls: [FeatureExport.Shortfall], of export: FeatureExport) throws {
    for shortfall in shortfalls where shortfall.missing == 0 {
      Console.say("note: there are no candles of \(shortfall.symbol)")
    }
    let lacking = shortfalls.filter { $0.missing > 0 }
    guard let first = lacking.min(by: { $0.first ?? .epoch < $1.first ?? .epoch }) else { return }
    let count = lacking.reduce(0) { $0 + $1.missing }
    let cause =
      "\(count) candles of \(lacking.count) symbols have no row yet, the first of \(first.symbol) "
      + "at \(first.first ?? .epoch)"
    guard allowMissing else {
      throw Fault(
        "export", "features", cause: cause,
        remedy:
          "run the compute job (carillon job run NAME), or take what there is: --allow-missing",
        exit: .no)
    }
    Console.say("note: \(cause)")
  }
}
