import ArgumentParser
import Service
import Store

/// `carillon schedule trust-clock`
struct ScheduleTrustClockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust-clock",
    abstract: "Take the present wall clock for the truth, so that orders wait no longer.",
    discussion: """
      Says that the clock is right, and what is on record from the future is wrong. Slots that were \
      tried stay on record and do not run again; what was only decided, and whatever else would be \
      waited for, is taken back. Works whenever anything is from the future, with and without a \
      running service.
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
