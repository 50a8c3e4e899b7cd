import ArgumentParser
import Domain
import Jobs
import Net
import Service
import Settings
import StrictYAML

/// `carillon health`
struct HealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Tell whether work is being done: exit 0, or 1 when it is not.",
    discussion: """
      Decides from each job's last success and its own schedule. A warning is no failure. It reads \
      the database beside the daemon, so it needs no server and no port; --url asks a server instead.
      """)

  @Option(help: "Only this job.")
  var job: String?

  @Option(help: "Ask a server, like http://127.0.0.1:8787, instead of the database.")
  var url: String?

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Print the report as JSON (application/health+json).")
  var json = false

  /// The time for a server's answer.
  private static let answerTimeout = TimeSpan.seconds(5)

  func validate() throws {
    if let job, JobName(job) == nil { throw ValidationError("\(job) is no name of a job") }
    if let url, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
      throw ValidationError("--url \(url) is no address; write it like http://127.0.0.1:8787")
    }
    if url != nil, job != nil { throw ValidationError("--url and --job do not go together") }
  }

  func run() throws {
    if let url {
      try ask(url)
    } else {
      try look()
    }
  }

  /// Every mistake of the set-up is an answer too, and the answer is no: HEALTHCHECK knows 0 and 1.
  private func look() throws {
    let workspace: Workspace
    do {
      workspace = try Workspace(global)
    } catch let fault as Fault {
      Console.report(fault)
      throw leave(.no)
    } catch let diagnostics as Diagnostics {
      Console.report(diagnostics)
      throw leave(.no)
    }
    let survey = HealthSurvey(
      database: workspace.settings.database, schedulesPath: workspace.schedulesPath,
      settings: workspace.settings.health)
    let now = SystemTime().now
    var report = HealthReport(of: survey.look(now: now))
    if let name = job.flatMap({ JobName($0) }) {
      guard let own = report.only(name) else {
        throw Fault(
          "check", "job \(name)", cause: "there is no such job in the schedule that is followed",
          remedy: "carillon job list", exit: .usage)
      }
      report = own
    }
    if json {
      Console.out(report.json(version: Version.text))
    } else {
      HealthView(report, try global.clock()).lines.forEach { Console.out($0) }
    }
    if report.status == .fail { throw leave(.no) }
  }

  private func ask(_ url: String) throws {
    let path = url.split(separator: "/", omittingEmptySubsequences: true).count > 2
    let address = path ? url : (url.hasSuffix("/") ? url : url + "/") + "health"
    let transport = try CurlTransport(userAgent: "carillon/\(Version.text)")
    defer { transport.shutdown() }
    let response: HTTPResponse
    do {
      response = try Blocking.wait {
        try await transport.send(HTTPRequest(address, timeout: Self.answerTimeout))
      }
    } catch let fault as Fault {
      Console.report(fault)
      throw leave(.no)
    }
    let text = String(decoding: response.body, as: UTF8.self)
    if json {
      Console.out(text)
    } else {
      HealthView.lines(ofAnswer: text, status: response.status, try global.clock())
        .forEach { Console.out($0) }
    }
    if response.status != 200 { throw leave(.no) }
  }
}
