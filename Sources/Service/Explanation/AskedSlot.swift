public import Domain
public import Scheduler
public import Store

extension Slot {
  /// The slot that a person asks about: `fetch@2026-11-20T14:01:00Z`, or of a job alone its newest, else the
  /// newest that its cadence has.
  ///
  /// - Throws: exit 64 for a job that there is not, and for what is neither a job nor a slot.
  public static func asked(
    _ subject: String, _ schedule: Schedule, _ transaction: ReadTransaction, now: Instant
  ) throws -> Slot {
    func unknown(_ name: String) -> Fault {
      Fault(
        "explain", subject,
        cause: "there is no job \(name) in \(schedule.file), and no run of one",
        remedy: "known are: " + schedule.jobs.map(\.name.text).joined(separator: ", "),
        exit: .usage)
    }
    if let slot = Slot(subject) {
      let isKnown = try schedule[slot.job] != nil || transaction.runs.run(slot) != nil
      guard isKnown else { throw unknown(slot.job.text) }
      return slot
    }
    if let job = JobName(subject) {
      if let newest = try transaction.runs.latest(job) { return newest.slot }
      let cadence = schedule.cadence(of: job)
      if let time = cadence?.previous(before: now + .milliseconds(1)) ?? cadence?.next(after: now) {
        return Slot(job: job, time: time)
      }
      throw unknown(subject)
    }
    throw Fault(
      "explain", subject,
      cause: "it is no job, no JOB@SLOT, no symbol and no order",
      remedy: "write it like fetch, fetch@2026-11-20T14:01:00Z, ETH-USDT, or car-k3v9q2m7x4hd1z",
      exit: .usage)
  }
}
