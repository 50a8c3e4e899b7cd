import ArgumentParser
import Domain
import Settings
import Store

/// `carillon open`
struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Print the address of the dashboard.",
    discussion: """
      That of the settings, and whether a service runs on their database. To look at it in a browser: \
      xdg-open "$(carillon open)"
      """)

  @OptionGroup var settings: SettingsOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let workspace = try Workspace(settings)
    let web = workspace.settings.web
    // Where it listens everywhere, this machine is at home.
    let host = ["0.0.0.0", "::"].contains(web.bind) ? "127.0.0.1" : web.bind
    guard web.port != 0 else {
      throw Fault(
        "tell", "the address", cause: "port 0 takes a free one at each start",
        remedy: "the log of carillon run tells it; or set web: { port: 8787 }", exit: .no)
    }
    let address = "http://\(host.contains(":") ? "[\(host)]" : host):\(web.port)/"
    let isRunning = try DaemonLock.isHeld(workspace.settings.database)
    if json {
      return Console.out(
        JSONValue.object([
          .init("schema", .string("carillon.open/1")), .init("address", .string(address)),
          .init("running", .bool(isRunning)),
        ]))
    }
    Console.out(address)
    if !isRunning {
      Console.say("nothing runs there: carillon run")
    }
  }
}
