import Domain
import Store

/// How people name a run: by its number, as JOB@SLOT, or as the newest one of a job.
struct RunArgument {
  /// What was written.
  let text: String

  /// What it can be.
  enum Meaning {
    case number(Int64)
    case slot(Slot)
    case newest(JobName)
  }

  /// What it means; nil when it is nothing of the kind.
  var meaning: Meaning? {
    if let number = Int64(text), number > 0 { return .number(number) }
    return Slot(text).map { .slot($0) } ?? JobName(text).map { .newest($0) }
  }

  /// How a run is named, for messages.
  static let form =
    "a run is named by its number, like fetch@2026-11-20T14:01:00Z, or by its job for the newest"

  /// The slot that is meant.
  ///
  /// - Throws: exit 64 for what is no name of a run or of a job, 1 when there is no such run.
  func slot(in store: Store, of workspace: Workspace, to operation: String) throws -> Slot {
    let run: RunRecord?
    switch meaning {
    case .slot(let slot):
      try KnownJobs(workspace, store).require(slot.job.text, to: "\(operation) a run of")
      return slot
    case .number(let number): run = try store.read { try $0.runs.run(number) }
    case .newest(let job):
      try KnownJobs(workspace, store).require(job.text, to: "\(operation) a run of")
      run = try store.read { try $0.runs.latest(job) }
    case nil:
      throw Fault(operation, "run \(text)", cause: Self.form, exit: .usage)
    }
    guard let run else {
      throw Fault(
        operation, Int64(text) == nil ? "the newest run of \(text)" : "run \(text)",
        cause: "there is no such run", remedy: "carillon job history lists them", exit: .no)
    }
    return run.slot
  }
}
