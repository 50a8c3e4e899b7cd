import ArgumentParser
import Disk
import Domain
import Jobs
import Scheduler
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

  @OptionGroup var global: SetupOptions
  @OptionGroup var output: OutputOptions

  func work(on worker: WorkerThread) async throws {
    let time = SystemTime()
    var check = SetupCheck()
    let (settings, path) = Self.settings(&check, global)
    let catalog = check.files(settings, path, now: time.now)
    if let settings, let catalog {
      check.database(settings)
      check.surroundings(catalog)
      if !offline {
        for found in await catalog.examineVenues(of: check.jobs, time: time) { check.add(found) }
        for found in await catalog.examineAccounts(of: check.jobs, time: time) { check.add(found) }
      }
    }
    show(check.report)
    if check.report.exit != .done { throw leave(check.report.exit) }
  }

  /// The settings, where they are right, and the path of the schedules file.
  static func settings(
    _ check: inout SetupCheck, _ global: SetupOptions
  ) -> (Settings?, schedules: String) {
    let environment = Workspace.environment()
    let named = global.schedules ?? environment["CARILLON_SCHEDULES"]
    var folder = ""
    do {
      let source = try Workspace.settingsSource(global.settings, environment)
      if let slash = source.file.lastIndex(of: "/") { folder = String(source.file[...slash]) }
      let (settings, warnings) = try Workspace.settings(of: source, environment)
      try Workspace.refuseLive(settings, source.file)
      check.settings(source.file, warnings)
      return (settings, named ?? settings.resolve(Workspace.schedulesFile))
    } catch {
      check.settings(refused: error)
      return (nil, named ?? folder + Workspace.schedulesFile)
    }
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

extension SetupCheck {
  /// Looks at the schedules file at a path, with the jobs that settings make of it.
  ///
  /// - Returns: what makes them, where the settings are right.
  mutating func files(_ settings: Settings?, _ path: String, now: Instant) -> JobCatalog? {
    do {
      let catalog = try settings.map { try Workspace.catalog($0) }
      let text = try TextFile.read(
        path, remedy: "name one with --schedules, or write one: carillon init DIR")
      schedules(text, at: path, catalog, now: now)
      return catalog
    } catch {
      schedules(refused: error)
      return nil
    }
  }
}
