public import Domain
import StrictYAML

/// What an edited schedules file changes, told before it is followed.
public struct ScheduleDifference: Hashable, Sendable {
  /// What happened to a job.
  public enum Change: Hashable, Sendable {
    /// It is new.
    case added
    /// It is gone.
    case removed
    /// It fires at other times, or after other jobs.
    case retimed
    /// It fires as before, and is treated otherwise.
    case adjusted
  }

  /// One job that is not as it was.
  public struct Entry: Hashable, Sendable {
    /// The job.
    public var job: JobName
    /// What happened to it.
    public var change: Change
    /// What makes it due, before and now; nil where it is not there.
    public var reasons: (before: String?, after: String?) { (reasonBefore, reasonAfter) }
    /// The slots of the span, before and now; zero for jobs that follow others.
    public var fires: (before: Int, after: Int) { (fireChange.before, fireChange.after) }
    /// Which slots of the span come and go.
    public var fireChange: FireChange
    /// Its next slot now.
    public var next: Instant?

    fileprivate var reasonBefore: String?
    fileprivate var reasonAfter: String?
  }

  /// The jobs that are not as they were: those of the new file in its order, then those that are
  /// gone.
  public let entries: [Entry]
  /// Over how long slots are counted.
  public let span: TimeSpan
  /// How many jobs are as they were.
  public let unchangedCount: Int

  /// More slots than this in the span are not counted.
  public static let maximumCountedFires = 100_000
  /// Of more jobs than this the slots are counted, but not listed.
  public static let listedJobs = 50

  /// The difference of two schedules from an instant on.
  public init(
    from old: Schedule, to new: Schedule, now: Instant, over span: TimeSpan = .hours(24)
  ) {
    self.span = span
    var entries: [Entry] = []
    for job in new.jobs {
      let before = old[job.name]
      let change: Change
      if let before {
        if before.timingIdentity != job.timingIdentity {
          change = .retimed
        } else if before.treatment != job.treatment {
          change = .adjusted
        } else {
          continue
        }
      } else {
        change = .added
      }
      entries.append(
        Entry(
          job: job.name, change: change,
          fireChange: FireChange(from: before, to: job, now: now, over: span),
          next: job.next(after: now), reasonBefore: before?.timingText,
          reasonAfter: job.timingText))
    }
    unchangedCount = new.jobs.count - entries.count
    for job in old.jobs where new[job.name] == nil {
      entries.append(
        Entry(
          job: job.name, change: .removed,
          fireChange: FireChange(from: job, to: nil, now: now, over: span), next: nil,
          reasonBefore: job.timingText, reasonAfter: nil))
    }
    self.entries = entries
  }

  /// Whether nothing changes.
  public var isEmpty: Bool { entries.isEmpty }

  /// The difference as lines of text:
  ///
  ///     + report: cron "0 7 * * mon" UTC, 0 fires in 1d, next 2026-11-23T07:00:00Z
  ///     ~ fetch: cron "1 * * * *" UTC -> every 15m, 24 -> 96 fires in 1d, next 2026-11-20T14:15:00Z
  ///         added: 2026-11-20T14:15:00Z, 2026-11-20T14:30:00Z, 2026-11-20T14:45:00Z and 93 more
  ///         removed: 2026-11-20T15:01:00Z, 2026-11-20T16:01:00Z, 2026-11-20T17:01:00Z and 21 more
  ///     - snapshot: was cron "30 3 * * *" UTC, 1 fire in 1d
  ///         removed: 2026-11-21T03:30:00Z
  ///     3 jobs unchanged
  public var lines: [String] {
    var lines: [String] = []
    for (index, entry) in entries.enumerated() {
      lines.append(line(entry))
      if index < Self.listedJobs { lines += entry.fireChange.lines.map { "    \($0)" } }
    }
    if unchangedCount > 0 || lines.isEmpty {
      lines.append(unchangedCount == 1 ? "1 job unchanged" : "\(unchangedCount) jobs unchanged")
    }
    return lines
  }

  private func line(_ entry: Entry) -> String {
    let next = entry.next.map { ", next \($0)" } ?? ""
    let before = entry.reasonBefore ?? ""
    let after = entry.reasonAfter ?? ""
    switch entry.change {
    case .added:
      return "+ \(entry.job): \(after)\(fires(entry.fires.after, entry.next))\(next)"
    case .removed:
      let count = entry.fires.before
      return "- \(entry.job): was \(before)" + (count > 0 ? ", \(number(count)) in \(span)" : "")
    case .retimed:
      // A follower whose head changed reads as before.
      let text = before == after ? "\(after), at other times" : "\(before) -> \(after)"
      let counts =
        entry.fires.before == entry.fires.after
        ? fires(entry.fires.after, entry.next)
        : ", \(entry.fires.before) -> \(number(entry.fires.after)) in \(span)"
      return "~ \(entry.job): \(text)\(counts)\(next)"
    case .adjusted:
      return "~ \(entry.job): same times, other settings"
    }
  }

  private func fires(_ count: Int, _ next: Instant?) -> String {
    next == nil ? "" : ", \(number(count)) in \(span)"
  }

  private func number(_ count: Int) -> String {
    if count >= Self.maximumCountedFires { return "at least \(count) fires" }
    return count == 1 ? "1 fire" : "\(count) fires"
  }
}

extension ScheduledJob {
  /// What makes it due, and whether the file pauses it.
  fileprivate var timingText: String { paused ? "\(reason) (paused)" : reason }

  /// The job without its place in the file and its timing.
  fileprivate var treatment: ScheduledJob {
    var copy = self
    copy.location = SourceLocation(file: "", line: 0, column: 0)
    copy.timingLocation = copy.location
    copy.timing = .after([])
    copy.parameters = parameters.map { $0.withoutPlaces }
    return copy
  }

  /// Its next slot, unless the file pauses it.
  func next(after time: Instant) -> Instant? { paused ? nil : cadence?.next(after: time) }
}
