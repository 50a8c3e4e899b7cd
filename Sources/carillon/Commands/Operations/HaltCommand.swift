import ArgumentParser
import Domain
import Store

/// `carillon halt`
struct HaltCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "halt", abstract: "Halt trading: no order is sent until somebody resumes.",
    discussion: """
      Each order asks before it is sent, so a halt holds at once, with and without a running carillon, \
      and over restarts. Everything else goes on: candles, scores, plans.
      """,
    subcommands: [HaltBeginCommand.self, HaltStatusCommand.self],
    defaultSubcommand: HaltBeginCommand.self)
}

/// `carillon halt --reason ...`
struct HaltBeginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "begin", abstract: "Halt trading (the default).")

  @Option(help: "Why: it is shown wherever the halt is.")
  var reason: String

  @Flag(help: "Also cancel what works (not built yet).")
  var cancelOrders = false

  @Flag(help: "Also sell what is held (not built yet).")
  var flatten = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    try SpokenReason.check(reason)
    guard !cancelOrders, !flatten else {
      throw ValidationError(
        "--cancel-orders and --flatten are not built yet, and nothing was halted: "
          + "leave them out, and nothing new is sent")
    }
  }

  func run() throws {
    let store = try Workspace(global).existingStore(.readWrite)
    let before = try store.write(at: SystemTime().now) { transaction in
      let before = try transaction.halts.current()
      if before == nil {
        try transaction.halts.begin(.noNew, reason: reason, source: "cli")
      } else {
        try transaction.audit.append("halt", "asked for again by cli: \(reason)")
      }
      return before
    }
    if let before {
      Console.out(
        "nothing to do: halted since \(before.since) by \(before.source): \(before.reason)")
    } else {
      Console.out("halted: no order is sent until `carillon resume --reason TEXT`")
    }
    try store.close()
  }
}

/// `carillon halt status`
struct HaltStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Tell whether trading is halted (exit 1) or not (exit 0).")

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC.")
  var json = false

  func run() throws {
    let store = try Workspace(global).existingStore()
    let halt = try store.read { try $0.halts.current() }
    try store.close()
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
        ]))
    } else if let halt {
      Console.out(
        "halted (\(halt.level.rawValue)) since \(try global.clock().text(halt.since)) "
          + "by \(halt.source): \(halt.reason)")
    } else {
      Console.out("not halted")
    }
    if halt != nil { throw leave(.no) }
  }
}

/// `carillon resume`
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "End a halt: orders are sent again.",
    discussion: "For a job that is paused, see carillon job resume.")

  @Option(help: "Why it is safe to go on.")
  var reason: String

  @OptionGroup var global: GlobalOptions

  func validate() throws { try SpokenReason.check(reason) }

  func run() throws {
    let store = try Workspace(global).existingStore(.readWrite)
    let (before, wasHalted) = try store.write(at: SystemTime().now) {
      (try $0.halts.current(), try $0.halts.end(reason: reason))
    }
    if wasHalted, let before {
      Console.out(
        "resumed; it was halted since \(before.since) by \(before.source): \(before.reason)")
    } else {
      Console.out("nothing to do: trading is not halted")
    }
    try store.close()
  }
}
