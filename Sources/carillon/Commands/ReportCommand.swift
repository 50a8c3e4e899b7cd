import ArgumentParser
import Domain
import Notify
import Service
import Settings
import Store

/// `carillon report`
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show how an account did: figures, growth against holding, falls, months.",
    discussion: """
      With --html as one file that asks nobody for anything; with --email as a letter through a channel \
      of that kind. As a job: kind `report`, with { folder: reports, notify: [CHANNEL] }.
      """)

  @Option(help: "The account; the first unless named.")
  var account: String?

  @Option(help: "How long before the newest valuation.")
  var period = "90d"

  @Option(help: "Write the sheet to a file; - is standard output.", completion: .file())
  var html: String?

  @Flag(help: "Replace a file that is there.")
  var force = false

  @Flag(help: "Send it by mail.")
  var email = false

  @Option(help: "The channel to send it by; the first of kind `email` unless named.")
  var channel: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard let span = TimeSpan(period), span > .zero else {
      throw SpanMistake.error("--period", period, like: "90d")
    }
    if html == "-", output.json || output.plain {
      throw ValidationError("--html - and --json or --plain would both go to standard output")
    }
    if channel != nil, !email { throw ValidationError("--channel belongs to --email") }
  }

  func run() throws {
    try OutputFileOptions.check(html, force: force)
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let zone = try global.clock().zone
    let sheet = try store.read {
      try TearSheet(
        $0, account: account, period: TimeSpan(period) ?? .days(90), zone: zone,
        version: Version.text)
    }
    try store.close()
    guard let sheet else {
      throw Fault(
        "report on", account ?? "the accounts", cause: "nothing is valued yet",
        remedy: "carillon job run --chain fetch", exit: .noInput)
    }
    if let html {
      var written = try ExportFile(html)
      try written.write(sheet.html)
      try written.commit()
      if html != "-" { Console.say("written: \(html)") }
    }
    if email { try send(sheet, workspace) }
    if output.json {
      Console.out(sheet.history.json)
    } else if html == nil, !email {
      if !output.plain {
        Console.out(sheet.title)
        Console.out(sheet.sparkLine)
      }
      var table = Table("FIGURE", ">VALUE")
      for (name, value) in sheet.figures { table.add(name, value) }
      output.print(table)
    }
  }

  private func send(_ sheet: TearSheet, _ workspace: Workspace) throws {
    let set = try ChannelSet(workspace.settings)
    let named = try channel.map { try set.channel($0) }
    guard let channel = named ?? set.channels.first(where: { $0.settings.kind == .email }),
      channel.settings.kind == .email
    else {
      throw Fault(
        "send", "the report", cause: "the settings name no channel of kind `email`",
        remedy: "add one to `notify: { channels: ... }` (docs/reference/alerts.md)", exit: .usage)
    }
    let now = SystemTime().now
    try sheet.send(
      by: channel, link: workspace.settings.notify.link, id: "\(now.milliseconds)", now: now)
    Console.say("sent: \(channel.place)")
  }
}
