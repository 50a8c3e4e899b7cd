import ArgumentParser
import Domain
import Service
import Store

/// `carillon job pause`
struct JobPauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Let a job rest: its slots end skipped, until a time or until it is resumed.",
    discussion: """
      What follows the job rests with it. A run under way is not touched: see job cancel. A pause \
      holds over restarts, with and without a running carillon.
      """)

  @Argument(help: "The job's name in the schedules file.", completion: Completions.job)
  var name: String

  @Option(name: .customLong("for"), help: "How long, like 2h.")
  var span: String?

  @Option(help: "Until when, like 2026-11-20T18:00:00Z.")
  var until: String?

  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var global: SetupOptions

  func validate() throws {
    if span != nil, until != nil { throw ValidationError("--for or --until, not both") }
    if let span, TimeSpan(span).map({ $0 > .zero }) != true {
      throw SpanMistake.error("--for", span, like: "2h")
    }
    if let until, Instant(rfc3339: until) == nil {
      throw ValidationError("--until \(until) is no time; write it like 2026-11-20T18:00:00Z")
    }
    try SpokenReason.check(reason)
  }

  func run() throws {
    let desk = try ServiceDesk(Workspace(global))
    let job = try desk.job(name, to: "pause")
    // A whole second, at least as late: the end is read and typed by people.
    let now = Instant(seconds: SystemTime().now.seconds + 1)
    let end =
      until.flatMap { Instant(rfc3339: $0) } ?? span.flatMap { TimeSpan($0) }.map { now + $0 }
    try desk.ask(.pause(job, until: end, reason: reason))
    try desk.store.close()
  }
}

/// `carillon job resume`
struct JobResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "End a pause: the job runs again from its next slot on.")

  @Argument(help: "The job's name in the schedules file.", completion: Completions.job)
  var name: String

  @OptionGroup var global: SetupOptions

  func run() throws {
    let desk = try ServiceDesk(Workspace(global))
    try desk.ask(.resume(try desk.job(name, to: "resume")))
    try desk.store.close()
  }
}
