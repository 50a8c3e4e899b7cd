import Domain
import Scheduler
import Service
import Store

/// The jobs that can be asked about: those of the schedule that is followed, and those of the past.
struct KnownJobs {
  private let schedule: Schedule
  private let store: Store

  init(_ workspace: Workspace, _ store: Store) throws {
    (self.store, schedule) = (store, try workspace.followedSchedule(store))
  }

  /// Refuses the name of a job that neither is nor was.
  ///
  /// - Throws: exit 64, with the name that was probably meant.
  func require(_ name: String, to operation: String) throws {
    if let job = JobName(name) {
      if schedule[job] != nil { return }
      if try store.read({ try $0.runs.latest(job) }) != nil { return }
    }
    let names = schedule.jobs.map(\.name.text)
    throw Fault(
      operation, "job \(name)",
      cause: "there is no such job in \(schedule.file), and no run of one",
      remedy: Spelling.nearest(name, among: names).map { "did you mean `\($0)`?" }
        ?? "known are: " + names.joined(separator: ", "), exit: .usage)
  }
}
