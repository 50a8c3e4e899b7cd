import ArgumentParser
import Domain
import Scheduler
import Service
import Settings
import Store

/// `carillon why`
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Tell why a slot ran, did not run, or has not fallen due.",
    discussion: """
      carillon why fetch                         its newest slot
      carillon why fetch@2026-11-20T14:01:00Z    that slot
      """)

  @Argument(
    help: ArgumentHelp(
      "A job, or JOB@SLOT like fetch@2026-11-20T14:01:00Z.", valueName: "job[@slot]"))
  var subject: String

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC.")
  var json = false

  func run() throws {
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let schedule = try workspace.followedSchedule(store)
    let isServed = try DaemonLock.isHeld(workspace.settings.database)
    let now = SystemTime().now
    let explanation = try store.read { transaction in
      let slot = try slot(transaction, schedule, now)
      return SlotExplanation(
        of: try SlotFacts(slot, schedule: schedule, isServed: isServed, transaction, now: now))
    }
    try store.close()
    if json { return Console.out(explanation.json) }
    let clock = try global.clock()
    explanation.sentences.forEach { Console.out(words: clock.localised($0), indent: 2) }
  }

  /// The slot that is asked about: of a job alone its newest, else the newest that its cadence has.
  private func slot(
    _ transaction: ReadTransaction, _ schedule: Schedule, _ now: Instant
  ) throws -> Slot {
    if let slot = Slot(subject) {
      let isKnown = try schedule[slot.job] != nil || transaction.runs.run(slot) != nil
      guard isKnown else { throw unknown(slot.job.text, schedule) }
      return slot
    }
    if let job = JobName(subject) {
      if let newest = try transaction.runs.latest(job) { return newest.slot }
      let cadence = schedule.cadence(of: job)
      if let time = cadence?.previous(before: now + .milliseconds(1)) ?? cadence?.next(after: now) {
        return Slot(job: job, time: time)
      }
      throw unknown(subject, schedule)
    }
    throw Fault(
      "explain", subject,
      cause: "it is neither a job nor JOB@SLOT; symbols and orders cannot be asked about yet",
      remedy: "write it like fetch, or fetch@2026-11-20T14:01:00Z", exit: .usage)
  }

  private func unknown(_ name: String, _ schedule: Schedule) -> Fault {
    Fault(
      "explain", subject, cause: "there is no job \(name) in \(schedule.file), and no run of one",
      remedy: "known are: " + schedule.jobs.map(\.name.text).joined(separator: ", "), exit: .usage)
  }
}
