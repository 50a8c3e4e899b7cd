import ArgumentParser
import Domain
import Service
import Settings
import Store

/// `carillon status`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what runs, what it is worth, and how each job stands.")

  @Flag(help: "Show it again and again, until Ctrl-C.")
  var watch = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  /// The pause between two looks.
  private static let watchPause = TimeSpan.seconds(2)
  /// What clears a terminal: cursor home, erase to the end.
  private static let clear = "\u{1B}[H\u{1B}[2J"

  func validate() throws {
    if watch, output.json { throw ValidationError("--watch is for people: leave out --json") }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let clock = try global.clock()
    let survey = HealthSurvey(
      database: workspace.settings.database, schedulesPath: workspace.schedulesPath)
    while true {
      let store = try workspace.existingStore()
      let overview = try ServiceOverview(store, survey: survey, now: SystemTime().now)
      try store.close()
      let mode = workspace.settings.mode.rawValue
      if output.json {
        Console.out(overview.json(mode: mode, version: Version.text))
      } else {
        let lines = StatusView(
          overview, mode: mode, clock: clock, screen: Screen(.output)
        ).lines(plain: output.plain)
        let isScreen = watch && StandardStream.output.isTerminal
        Console.out((isScreen ? Self.clear : "") + lines.joined(separator: "\n"))
      }
      guard watch else { return }
      try StandardOutput.check()
      SystemTime.block(for: Self.watchPause)
    }
  }
}
