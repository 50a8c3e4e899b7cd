import Disk
import Domain
import Jobs
import Scheduler
import Service
import Settings
import StrictYAML

/// The look of `check` and `doctor` at a set-up: whatever of it is wrong, the rest is looked at.
struct SetupLook {
  /// What was found, and the jobs.
  private(set) var check = SetupCheck()
  /// The settings; nil where they are wrong.
  private(set) var settings: Settings?
  /// The schedule; nil where it is wrong.
  private(set) var schedule: Schedule?
  /// The file of the settings; nil where they are built in, or cannot be found.
  private(set) var settingsPath: String?
  /// The path of the schedules file.
  private(set) var schedulesPath = ""
  /// The process's environment.
  let environment = Workspace.environment()

  /// Looks.
  init(_ options: SetupOptions, offline: Bool, time: SystemTime) async {
    let catalog = readSettings(options)
    do {
      let text = try TextFile.read(
        schedulesPath, remedy: "name one with --schedules, or write one: carillon init DIR")
      schedule = check.schedules(text, at: schedulesPath, catalog, now: time.now)
    } catch {
      check.schedules(refused: error)
    }
    guard let settings, let catalog else { return }
    check.database(settings)
    check.surroundings(catalog)
    guard !offline else { return }
    for found in await catalog.examineVenues(of: check.jobs, time: time) { check.add(found) }
    for found in await catalog.examineAccounts(of: check.jobs, time: time) { check.add(found) }
  }

  /// Reads the settings, and finds the schedules file. Returns what makes the jobs.
  private mutating func readSettings(_ options: SetupOptions) -> JobCatalog? {
    let named = options.schedules ?? environment["CARILLON_SCHEDULES"]
    var folder = ""
    do {
      let source = try Workspace.settingsSource(options.settings, environment)
      if let slash = source.file.lastIndex(of: "/") { folder = String(source.file[...slash]) }
      if source.isFile { settingsPath = source.file }
      let (settings, warnings) = try Workspace.settings(of: source, environment)
      try Workspace.refuseLive(settings, source.file)
      check.settings(source.file, warnings)
      self.settings = settings
      schedulesPath = named ?? settings.resolve(Workspace.schedulesFile)
      return try Workspace.catalog(settings)
    } catch {
      check.settings(refused: error)
      schedulesPath = named ?? folder + Workspace.schedulesFile
      return nil
    }
  }
}
