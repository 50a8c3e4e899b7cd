import ArgumentParser
import Disk
import Domain
import Jobs
import Service
import Settings

/// `carillon doctor`
struct DoctorCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at all that trading needs, line by line, before and while it runs.",
    discussion: """
      All that `carillon check` looks at, and the machine, its clock, who may read the files, the \
      database, snapshots and drills, the service, the accounts at their exchanges (keys, permissions, \
      clocks, balances), and what the next rebalance would do first. A line begins with ✓ where all is \
      well, ✗ where it is not, ? where a person should look. Exit 0, or 1 when a line has a ✗; with \
      `--checklist production` a ? is as bad, and more is asked. Nothing is changed, and nothing is sent \
      but, with `--test-channels`, a message through each channel.
      """)

  /// What is asked beyond the usual.
  enum Checklist: String, ExpressibleByArgument, CaseIterable {
    /// Of a service that is meant to run by itself.
    case production
  }

  @Option(help: "Only this account.")
  var account: String?

  @Option(help: "A list of what is asked beyond the usual: production.")
  var checklist: Checklist?

  @Flag(help: "Ask no venue.")
  var offline = false

  @Flag(help: "Also send a test message through each channel, and tell what came of it.")
  var testChannels = false

  @OptionGroup var global: SetupOptions
  @OptionGroup var output: OutputOptions

  func work(on worker: WorkerThread) async throws {
    let time = SystemTime()
    let look = await SetupLook(global, offline: offline, time: time)
    if let account, let settings = look.settings, settings.accounts[account] == nil {
      throw Fault(
        "examine", "account \(account)", cause: "\(settings.source) names no such account",
        remedy: "known are: " + settings.accounts.keys.sorted().joined(separator: ", "),
        exit: .usage)
    }
    var setup = ExaminedSetup(
      version: Version.text, check: look.check.report, settings: look.settings,
      schedule: look.schedule, jobs: look.check.jobs, schedulesPath: look.schedulesPath,
      account: account, halt: Workspace.standingHalt(in: look.environment), time: time)
    setup.files = [look.settingsPath, look.schedulesPath, look.settings?.web.usersFile].compactMap {
      $0.flatMap { TextFile.exists($0) ? $0 : nil }
    }
    (setup.catalog, setup.isOffline) = (look.catalog, offline)
    if let settings = look.settings {
      setup.armed = try LiveArming.accounts(in: look.environment, settings)
      if testChannels { setup.messenger = try Workspace.transport(settings) }
    }
    let report = await DoctorReport.examine(setup, isForProduction: checklist == .production)
    if output.json {
      Console.out(report.json)
    } else {
      report.lines.forEach { Console.out(words: $0.text, indent: 2) }
    }
    if report.exit != .done { throw leave(report.exit) }
  }
}
