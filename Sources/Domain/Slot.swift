/// One due time of one job: the key of a run.
///
/// A chain shares the instant of its head, so `compute` at 14:01 follows `fetch` at 14:01 even when
/// it starts later.
public struct Slot: Hashable, Comparable, Sendable {
  /// The job.
  public var job: JobName
  /// The nominal time, not the time of a start.
  public var time: Instant

  /// The slot of a job at a time.
  public init(job: JobName, time: Instant) { (self.job, self.time) = (job, time) }

  /// Reads `fetch@2026-11-20T14:01:00Z`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let job = JobName(parts[0]), let time = Instant(rfc3339: parts[1])
    else { return nil }
    self.init(job: job, time: time)
  }

  /// Orders by time, then by name.
  public static func < (a: Slot, b: Slot) -> Bool { (a.time, a.job) < (b.time, b.job) }
}

extension Slot: CustomStringConvertible {
  /// `fetch@2026-11-20T14:01:00Z`.
  public var description: String { "\(job)@\(time)" }
}
