import ArgumentParser
import Domain
import Service
import Settings
import Store

/// `carillon schedule reload`
struct ScheduleReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Make the running carillon read the schedules file now.",
    discussion: """
      It notices an edited file, and an edited calendar of your own, by itself within 30 seconds, \
      mostly at once. This asks for it, which works across containers too, waits for the answer, and \
      shows what changed.
      """)

  @OptionGroup var global: SetupOptions

  func run() throws {
    let workspace = try Workspace(global)
    _ = try workspace.schedule()
    guard try DaemonLock.isHeld(workspace.settings.database) else {
      throw Fault(
        "reload", workspace.schedulesPath, cause: "no carillon runs on this database",
        remedy: "carillon run reads the file when it starts", exit: .unavailable)
    }
    try ServiceDesk(workspace).ask(.reload)
  }
}
