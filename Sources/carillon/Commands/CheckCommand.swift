import ArgumentParser
import Domain
import Jobs
import Service
import Settings
import StrictYAML

/// `carillon check`
struct CheckCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at the whole set-up, and tell every mistake at once.",
    discussion: """
      Settings and environment, schedules and calendars, what jobs are to each other (features, scores, \
      money, instruments), database, accounts, models, programs, folders, disk, and whether the venues \
      answer. Exit 0 with warnings at most, 78 when a file of the set-up is wrong, 1 when what the files \
      name is. `carillon run` looks at the same before it starts, but for the venues.
      """)

  @Flag(help: "Ask no venue.")
  var offline = false

  @Flag(help: "Print the accounts in mode live, one a line, and nothing else.")
  var live = false

  @OptionGroup var global: SetupOptions
  @OptionGroup var output: OutputOptions

  func work(on worker: WorkerThread) async throws {
    if live {
      let accounts = try Workspace(global).settings.accounts
      return accounts.filter(\.value.isLive).keys.sorted().forEach { Console.out($0) }
    }
    let look = await SetupLook(global, offline: offline, time: SystemTime())
    show(look.check.report)
    if look.check.report.exit != .done { throw leave(look.check.report.exit) }
  }

  private func show(_ report: SetupReport) {
    if output.json { return Console.out(report.json) }
    if !report.diagnostics.items.isEmpty, !output.plain { Console.report(report.diagnostics) }
    var table = Table("STATUS", "AREA", "WHAT")
    for area in SetupReport.Area.allCases {
      for finding in report.findings where finding.area == area {
        let place = finding.place.map { "\($0.location): " } ?? ""
        table.add(finding.status.rawValue, area.rawValue, place + finding.text)
        if finding.place == nil, finding.status != .pass, let mend = finding.mend {
          table.add("", "", mend)
        }
      }
    }
    output.print(table)
    if !output.plain { Console.out(report.summary) }
  }
}
