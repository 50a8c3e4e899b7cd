import ArgumentParser
import Disk
import Domain
import Jobs
import Service
import Settings
import Store

/// `carillon halt`
struct HaltCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "halt", abstract: "Halt trading: no order is sent until somebody resumes.",
    usage: """
      carillon halt [REASON ...] [--reason TEXT] [-c FILE]
      carillon halt status [--json]
      """,
    discussion: """
      Each order asks before it is sent, so a halt holds at once, with and without a running carillon, \
      and over restarts. Everything else goes on: candles, scores, plans.

      First the file DATABASE.halt is made beside the database, then the halt is put on record; either \
      halts. So it works with a broken settings file (of which only database.path is read), during a \
      restore, and on a database that is full, locked or damaged. Where there is no shell, touch \
      DATABASE.halt halts too, and so does CARILLON_HALT=1 in the environment of carillon run.

      --cancel-orders also takes back what works, and --flatten sells what is held besides: at once, by a \
      run of a rebalance job of each account that demands it, with and without a running carillon, and \
      whatever the scores are. What an exchange does not answer to, or what an account may not sell \
      since it is not armed, is owed: it is told, exit 75, carillon halt status shows it, and the next \
      rebalance does it.

      Options: REASON or --reason TEXT says why, for the record (default: no reason given); \
      -c, --config FILE is the settings file.
      """,
    subcommands: [HaltBeginCommand.self, HaltStatusCommand.self],
    defaultSubcommand: HaltBeginCommand.self)
}

/// `carillon halt [REASON]`
struct HaltBeginCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "begin", abstract: "Halt trading (the default).")

  @Argument(help: "Why: it is shown wherever the halt is.")
  var words: [String] = []

  @Option(help: "Why, as well.")
  var reason: String?

  @Flag(help: "Also take back what works, at once.")
  var cancelOrders = false

  @Flag(help: "Also take back what works and sell what is held, at once.")
  var flatten = false

  @OptionGroup var global: GlobalOptions

  func work(on worker: WorkerThread) async throws {
    StandardOutput.outliveReaders()
    let said = SpokenReason.shortened([reason].compactMap(\.self) + words)
    let brake = Brake(database: try DatabaseLocation(global).path)
    let report = brake.halt(
      because: said ?? "no reason given", level: level, at: SystemTime().now)
    guard report.isHalted else {
      for part in [report.file, report.record] {
        if case .failed(let fault) = part { Console.report(fault) }
      }
      throw Fault(
        "halt", "trading",
        cause: "neither the file \(brake.file.path) nor the database could be "
          + "written: it is NOT halted",
        remedy: "stop the process: docker compose stop, or kill it",
        exit: .io)
    }
    if case .alreadyHalted(let before) = report.record {
      Console.out(
        "nothing to do: halted since \(before.since) by \(before.source): \(before.reason)")
    } else {
      Console.out("halted: no order is sent until `carillon resume --reason TEXT`")
    }
    switch (report.file, report.record) {
    case (.failed(let fault), _):
      Console.say("  by its row in the database; the file could not be made: \(fault)")
    case (_, .failed(let fault)):
      Console.say("  by the file \(brake.file.path); it is not on record: \(fault)")
    default: Console.say("  by the file \(brake.file.path), and on record")
    }
    guard level > .noNew else { return }
    let owed =
      report.record.halts
      ? await HaltErrand(options: global).run(on: worker)
      : ["all of it: how far the halt goes is not on record"]
    guard !owed.isEmpty else { return }
    for debt in owed { Console.say("  owed: \(debt)") }
    Console.say(
      "  the next rebalance does what is owed; at once, again: carillon halt "
        + (level == .flatten ? "--flatten" : "--cancel-orders"))
    throw leave(.tryAgain)
  }

  /// How far it goes.
  private var level: Halt.Level { flatten ? .flatten : cancelOrders ? .cancelOrders : .noNew }
}

/// `carillon halt status`
struct HaltStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Tell whether trading is halted (exit 1) or not (exit 0).")

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC.")
  var json = false

  func run() throws {
    let (halt, owed) = try halt(at: try DatabaseLocation(global).path)
    if json {
      let details: JSONValue =
        halt.map { halt in
          .object([
            .init("level", .string(halt.level.rawValue)), .init("reason", .string(halt.reason)),
            .init("source", .string(halt.source)), .init("since", .string("\(halt.since)")),
          ])
        } ?? .null
      Console.out(
        .object([
          .init("schema", .string("carillon.halt/1")), .init("halted", .bool(halt != nil)),
          .init("halt", details),
          .init(
            "owed",
            .array(
              owed.map {
                .object([
                  .init("account", .string($0.account)), .init("orders", .number($0.orders)),
                  .init("holdings", .number($0.holdings)),
                ])
              })),
        ]))
    } else if let halt {
      Console.out(
        "halted (\(halt.level.rawValue)) since \(try global.clock().text(halt.since)) "
          + "by \(halt.source): \(halt.reason)")
      for debt in owed { Console.out("  owed: \(debt)") }
    } else {
      Console.out("not halted")
    }
    if halt != nil { throw leave(.no) }
  }

  /// The halt on record with what it demands and is not done; where the database cannot tell, the file's.
  private func halt(at database: String) throws -> (Halt?, owed: [HaltDebt]) {
    do {
      let store = try Store.open(database, mode: .readOnly)
      let found = try store.read { (try $0.halts.current(), try $0.halts.owed()) }
      try store.close()
      return found
    } catch {
      guard let halt = HaltFile(database: database).halt else { throw error }
      return (halt, [])
    }
  }
}

/// `carillon resume`
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "End a halt: orders are sent again.",
    discussion: """
      Ends the halt on record and removes the file DATABASE.halt. For a job that is paused, see \
      carillon job resume.
      """)

  @Option(help: "Why it is safe to go on.")
  var reason: String

  @OptionGroup var global: GlobalOptions

  func validate() throws { try SpokenReason.check(reason) }

  func run() throws {
    StandardOutput.outliveReaders()
    let brake = Brake(database: try DatabaseLocation(global).path)
    if let before = try brake.release(because: reason, at: SystemTime().now) {
      Console.out(
        "resumed; it was halted since \(before.since) by \(before.source): \(before.reason)")
    } else {
      Console.out("nothing to do: trading is not halted")
    }
  }
}
