import ArgumentParser
import Domain
import Service
import Store

/// `carillon job cancel`
struct JobCancelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "End a run at its next safe point, or a slot that still waits.",
    discussion: """
      A run ends failed, for good: no further attempt is made, and what follows it is not due. A slot \
      that waits, or is owed another attempt, ends skipped. One that has ended is left alone (exit 0).
      """)

  @Argument(
    help: ArgumentHelp(
      "The run's number, JOB@SLOT like fetch@2026-11-20T14:01:00Z, or a job: its newest run.",
      valueName: "run"), completion: Completions.job)
  var target: String

  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var global: SetupOptions

  static let glance = TimeSpan.milliseconds(20)

  func validate() throws {
    guard RunArgument(text: target).meaning != nil else {
      throw ValidationError("\(target): \(RunArgument.form)")
    }
    try SpokenReason.check(reason)
  }

  func run() throws {
    let workspace = try Workspace(global)
    let desk = try ServiceDesk(workspace)
    let slot = try RunArgument(text: target).slot(in: desk.store, of: workspace, to: "cancel")
    let before = try desk.store.read { try $0.runs.run(slot) }
    if let before, before.state.isFinal {
      Console.out("nothing to do: \(slot) has ended \(before.state) (run \(before.id))")
    } else {
      try desk.ask(.cancel(slot, reason: reason))
      try tellEnd(of: slot, desk.store)
    }
    try desk.store.close()
  }

  /// A run that was asked to stop mostly does so at once.
  private func tellEnd(of slot: Slot, _ store: Store) throws {
    let time = SystemTime()
    let end = time.uptime + ServiceDesk.patience
    while time.uptime < end {
      guard let run = try store.read({ try $0.runs.run(slot) }), run.started != nil else { return }
      if run.state.isFinal {
        return Console.out(
          "run \(run.id) ended \(run.state)" + (run.reason.map { ": \($0)" } ?? ""))
      }
      SystemTime.block(for: Self.glance)
    }
    Console.say("it still runs; carillon job show \(slot) tells when it has ended")
  }
}
