import ArgumentParser
import Domain
import Service
import Settings
import Store

/// `carillon status`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what runs, what it is worth, and how each job stands.")

  @Flag(help: "Show it again and again, on the whole screen, until q or Ctrl-C.")
  var watch = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  /// The pause between two looks.
  private static let watchPause = TimeSpan.seconds(2)

  func validate() throws {
    if watch, output.json { throw ValidationError("--watch is for people: leave out --json") }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let clock = try global.clock()
    let survey = HealthSurvey(
      database: workspace.settings.database, schedulesPath: workspace.schedulesPath,
      settings: workspace.settings.health)
    let look = { () throws -> ServiceOverview in
      let store = try workspace.existingStore()
      let overview = try ServiceOverview(store, survey: survey, now: SystemTime().now)
      try store.close()
      return overview
    }
    let mode = workspace.settings.modeText
    let lines = { (overview: ServiceOverview) in
      StatusView(overview, mode: mode, clock: clock, screen: Screen(.output))
        .lines(plain: output.plain)
    }
    if watch, !output.plain, let screen = FullScreen() {
      defer { screen.leave() }
      return try Self.show(on: screen) { lines(try look()) }
    }
    while true {
      let overview = try look()
      if output.json {
        Console.out(overview.json(mode: mode, version: Version.text))
      } else {
        Console.out(lines(overview).joined(separator: "\n"))
      }
      guard watch else { return }
      try StandardOutput.check()
      SystemTime.block(for: Self.watchPause)
    }
  }

  /// Shows it until somebody has seen enough. A look that fails is shown, and tried again.
  private static func show(on screen: FullScreen, _ lines: () throws -> [String]) throws {
    var shown: [String] = []
    while true {
      do { shown = try lines() } catch let fault as Fault {
        shown = ["\(fault)"] + [fault.remedy].compactMap(\.self)
      }
      screen.show(shown)
      switch screen.wait(for: watchPause) {
      case .key(UInt8(ascii: "q")), .key(UInt8(ascii: "Q")), .key(3), .key(4), .ended: return
      case .key, .resized, .timeout: continue
      }
    }
  }
}
