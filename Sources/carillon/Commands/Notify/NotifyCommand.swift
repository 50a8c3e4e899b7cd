import ArgumentParser
import Domain
import Net
import Notify
import Service
import Settings
import Store

/// `carillon notify`
struct NotifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Who is told what is wrong: try the channels, silence alerts.",
    subcommands: [NotifyListCommand.self, NotifyTestCommand.self, NotifySilenceCommand.self])
}

/// `carillon notify list`
struct NotifyListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the channels, and what waits, went out and was given up.")

  @OptionGroup var global: SettingsOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let workspace = try Workspace(global)
    let set = try ChannelSet(workspace.settings)
    let store = try workspace.existingStore()
    let figures = try store.read { try $0.deliveries.figures() }
    try store.close()
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.channels/1")),
          .init("channels", .array(set.channels.map { json($0, figures[$0.name]) })),
        ]))
      return
    }
    guard !set.channels.isEmpty else {
      Console.say("no channel: add one to `notify: { channels: ... }` (docs/reference/alerts.md)")
      return
    }
    var table = Table("CHANNEL", "KIND", "FROM", ">WAITING", ">SENT", ">GIVEN UP", "TO", "TROUBLE")
    for channel in set.channels {
      let figure = figures[channel.name] ?? DeliveryFigures()
      table.add(
        channel.name, channel.settings.kind.rawValue, channel.settings.severity.rawValue,
        "\(figure.pending)", "\(figure.sent)", "\(figure.dropped)", channel.place,
        figure.reason ?? "")
    }
    output.print(table)
  }

  private func json(_ channel: AlertChannel, _ figures: DeliveryFigures?) -> JSONValue {
    let figures = figures ?? DeliveryFigures()
    return .object([
      .init("name", .string(channel.name)),
      .init("kind", .string(channel.settings.kind.rawValue)),
      .init("severity", .string(channel.settings.severity.rawValue)),
      .init("to", .string(channel.place)), .init("pending", .number(figures.pending)),
      .init("sent", .number(figures.sent)), .init("dropped", .number(figures.dropped)),
      .init("reason", figures.reason.map { .string($0) } ?? .null),
    ])
  }
}

/// `carillon notify test`
struct NotifyTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Send a message through a channel, or all, and tell what came of it.",
    discussion:
      "Needs no database and no running carillon. Exits 1 when a channel does not take it.")

  @Argument(help: "The channel's name; all of them unless named.")
  var channel: String?

  @OptionGroup var global: SettingsOptions

  func run() throws {
    let workspace = try Workspace(global)
    let set = try ChannelSet(workspace.settings)
    let channels = try channel.map { [try set.channel($0)] } ?? set.channels
    guard !channels.isEmpty else {
      throw Fault(
        "test", "the channels", cause: "the settings name none",
        remedy: "add one to `notify: { channels: ... }`", exit: .usage)
    }
    let transport = try workspace.transport()
    var isWell = true
    for channel in channels {
      let trouble = try Blocking.wait {
        await set.test(channel, over: transport, now: SystemTime().now)
      }
      guard let trouble else {
        Console.out("\(channel.name): taken (\(channel.place))")
        continue
      }
      isWell = false
      Console.out("\(channel.name): NOT taken (\(channel.place)): \(trouble)")
    }
    if !isWell { throw leave(.no) }
  }
}

/// `carillon notify silence`
struct NotifySilenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence", abstract: "Let nothing be told of an alert, or of all, for a while.",
    discussion: "It is raised and shown all the same. A span of 0s ends the silence.")

  @Argument(help: "The key, as `carillon alerts` shows it, or all.")
  var key: String

  @Argument(help: "How long, like 2h.")
  var span: String

  @Option(help: "Why, for the record.")
  var reason: String

  @OptionGroup var global: SettingsOptions

  func validate() throws {
    guard TimeSpan(span) != nil else {
      throw SpanMistake.error("the span", span, like: "2h")
    }
    try SpokenReason.check(reason)
  }

  func run() throws {
    let workspace = try Workspace(global)
    let now = SystemTime().now
    let answer = try workspace.writing("carillon notify") { store, _ in
      try store.write(at: now) {
        try AlertDesk.silence(
          key, for: TimeSpan(span) ?? .zero, because: reason, by: Person.atTerminal, $0)
      }
    }
    try answer.print("silence", key)
  }
}
