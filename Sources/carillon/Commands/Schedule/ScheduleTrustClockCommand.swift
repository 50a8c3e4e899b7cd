import ArgumentParser
import Service
import Store

/// `carillon schedule trust-clock`
struct ScheduleTrustClockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust-clock",
    abstract: "Take the present wall clock for the truth, so that orders wait no longer.",
    discussion: """
      A clock that was set back by more than three hours is suspicious, and jobs that place orders \
      wait until it is sane. When the clock is right, and what was seen before was wrong, say so with \
      this. Slots that have run do not run again.
      """)

  @Option(help: "Why the clock is right.")
  var reason: String

  @OptionGroup var global: SetupOptions

  func validate() throws { try SpokenReason.check(reason) }

  func run() throws {
    let desk = try ServiceDesk(Workspace(global))
    try desk.ask(.trustClock(reason: reason))
    try desk.store.close()
  }
}
