import ArgumentParser
import Disk
import Dispatch
import Domain
import Logging
import Service
import Settings

/// `carillon dashboard`
struct DashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Show the pages of a database that another process writes, until SIGTERM or Ctrl-C.",
    discussion: """
      For a process of its own, such as a container that has the database's folder mounted read-only, \
      and no secret but the file of users (web: { users-file: ... }). It shows while the service runs, \
      after it has stopped and after a crash, and says which; it changes nothing, and what is to be \
      done leads to the service's own address (web: { act-at: ... }). It tells no metrics: those are \
      the service's.
      """)

  @OptionGroup var setup: SetupOptions

  @Option(help: "The database (default: that of the settings).", completion: .file())
  var database: String?

  @Option(help: "The address to listen on (default: web: { bind }).")
  var bind: String?

  @Option(help: "The port to listen on, 0 for a free one (default: web: { port }).")
  var port: Int?

  func validate() throws {
    guard port.map((0...65_535).contains) ?? true else {
      throw ValidationError("--port is from 0 to 65535")
    }
  }

  func run() throws {
    let workspace = try Workspace(setup)
    var web = workspace.settings.web
    web.bind = bind ?? web.bind
    web.port = port ?? web.port
    let path = database ?? workspace.settings.database
    guard TextFile.exists(FilePath.folder(of: path)) else {
      throw Fault(
        "show", path, cause: "there is no such folder",
        remedy: "name the database of a set-up: carillon dashboard --database FILE", exit: .noInput)
    }
    let door = try WebUsersFile.door(web)
    let (log, pump) = try workspace.serviceLogger()
    defer { pump.flush(for: .seconds(1)) }
    if case .nobody = door.access {
      log.warning(
        "the pages are closed: others can reach \(web.bind), and nobody can log in",
        metadata: ["mend": "carillon web password NAME > users, and web: { users-file: users }"])
    }
    // Settings that nobody wrote down are not those of the service.
    let known = workspace.settingsFile == nil ? nil : workspace.settings
    let readings = ServiceReadings(
      observing: ObservedDatabase(path: path),
      survey: HealthSurvey(
        database: FilePath.target(of: path), schedulesPath: workspace.schedulesPath,
        settings: workspace.settings.health,
        readsRecord: true),
      version: Version.text, mode: known?.modeText ?? "", settings: known, actAt: web.actAt,
      time: SystemTime())
    let stopped = DispatchSemaphore(value: 0)
    let interruption = Interruption { stopped.signal() }
    let server = try WebServer.start(
      bind: web.bind, port: web.port, hosts: web.hosts, door: door, readings: readings, log: log
    )
    stopped.wait()
    log.notice("stopped")
    server.stop()
    interruption.end()
  }
}
