import ArgumentParser
import Domain
import Glibc
import Service
import Store

/// `carillon alerts`
struct AlertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts", abstract: "Show what people are told of, and take note of it.",
    usage: """
      carillon alerts [--all] [--limit N] [--json | --plain]
      carillon alerts ack KEY
      """,
    subcommands: [AlertsListCommand.self, AlertsAckCommand.self],
    defaultSubcommand: AlertsListCommand.self)
}

/// `carillon alerts [list]`
struct AlertsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the alerts that are open (the default).",
    discussion: "Exits 1 while one is open that nobody has acknowledged.")

  @Flag(help: "Also show those that are over.")
  var all = false

  @Option(help: "How many of those that are over, at most.")
  var limit = 20

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(limit) else { throw ValidationError("--limit is from 1 to 1000") }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let now = SystemTime().now
    let answer = try store.read { try AlertAnswer($0, ended: all ? limit : 0, now: now) }
    try store.close()
    if output.json {
      Console.out(answer.json)
    } else {
      try show(answer, now: now)
    }
    if answer.alerts.contains(where: { $0.state == .open }) { throw leave(.no) }
  }

  private func show(_ answer: AlertAnswer, now: Instant) throws {
    let clock = try global.clock()
    if answer.alerts.isEmpty {
      Console.say("no alert is open")
    } else {
      var table = Table("ALERT", "SEVERITY", "STATE", "SINCE", "LAST", ">TIMES", "WHAT")
      for record in answer.alerts {
        table.add(
          record.key, record.alert.severity.rawValue, record.state.rawValue,
          clock.text(record.since), clock.short(record.last, now: now), "\(record.count)",
          clock.localised(record.alert.text))
      }
      output.print(table)
    }
    for silence in answer.silences {
      Console.say(
        "\(silence.key) is not told until \(clock.text(silence.until)): \(silence.reason)")
    }
    if !output.plain, let first = answer.alerts.first(where: { $0.state == .open }) {
      if let remedy = first.alert.remedy {
        Console.say("next: \(CommandHint.own.completed(remedy))")
      }
      Console.say("next: \(CommandHint.own.completed("carillon alerts ack \(first.key)"))")
    }
  }
}

/// `carillon alerts ack`
struct AlertsAckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ack",
    abstract: "Take note of an alert: it is shown, and not told again until it is over.")

  @Argument(help: "The key, as `carillon alerts` shows it.")
  var key: String

  @OptionGroup var global: SettingsOptions

  func run() throws {
    let workspace = try Workspace(global)
    let now = SystemTime().now
    let answer = try workspace.writing("carillon alerts") { store, _ in
      try store.write(at: now) {
        try AlertDesk.acknowledge(key, by: Person.atTerminal, $0)
      }
    }
    try answer.print("acknowledge", key)
  }
}

/// Who uses the command line.
enum Person {
  /// The user's name, as the system knows it.
  static var atTerminal: String {
    let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
    return "\(name ?? "#\(getuid())") (cli)"
  }
}

extension OperatorAnswer {
  /// Prints what came of it.
  ///
  /// - Throws: exit 1 when it is refused.
  func print(_ operation: String, _ subject: String) throws {
    switch outcome {
    case .done: Console.out(words)
    case .nothingToDo: Console.out("nothing to do: \(words)")
    case .refused: throw Fault(operation, subject, cause: words, exit: .no)
    }
  }
}
