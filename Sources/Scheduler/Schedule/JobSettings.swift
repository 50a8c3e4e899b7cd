import Domain
import StrictYAML

/// The keys that may stand in a job and in `defaults`, as far as they are given.
struct JobSettings {
  private var timeout: TimeSpan?
  private var grace: TimeSpan?
  private var overlap: Overlap?
  private(set) var catchup: Catchup?
  private(set) var deadline: TimeSpan?
  private var jitter: TimeSpan?
  private var retryMax: Int?
  private var backoff: ClosedRange<TimeSpan>?
  private var onFailure: FailureResponse?

  /// Nothing given.
  init() {}

  init(_ reader: MappingReader) {
    timeout = reader.span("timeout", in: .seconds(1) ... .days(7))
    grace = reader.span("grace", in: .zero ... .days(366))
    overlap = reader.choice("overlap")
    catchup = reader.choice("catchup")
    deadline = reader.span("deadline", in: .milliseconds(1) ... .days(366))
    jitter = reader.span("jitter", in: .zero ... .days(1))
    if let retry = reader.mapping("retry") {
      retryMax = retry.integer("max", in: 1...100)
      backoff = retry.value(
        "backoff", expected: "one span or two with dots between, like 10s..2m", Self.spans)
      retry.finish()
    }
    if let response = reader.mapping("on-failure") {
      onFailure = FailureResponse(
        notify: response.strings("notify"), severity: response.choice("severity"),
        haltAfter: response.integer("halt-after", in: 1...1000))
      response.finish()
    }
  }

  /// `10s..2m`, or `30s` for pauses that do not grow.
  static func spans(_ text: String) -> ClosedRange<TimeSpan>? {
    guard let dots = text.firstRange(of: "..") else {
      return TimeSpan(text).map { $0...$0 }
    }
    guard let first = TimeSpan(text[..<dots.lowerBound]),
      let last = TimeSpan(text[dots.upperBound...]), first <= last
    else { return nil }
    return first...last
  }

  /// These settings, with what they leave open taken from others.
  func filled(from defaults: JobSettings) -> JobSettings {
    var result = self
    result.timeout = timeout ?? defaults.timeout
    result.grace = grace ?? defaults.grace
    result.overlap = overlap ?? defaults.overlap
    result.catchup = catchup ?? defaults.catchup
    result.deadline = deadline ?? defaults.deadline
    result.jitter = jitter ?? defaults.jitter
    result.retryMax = retryMax ?? defaults.retryMax
    result.backoff = backoff ?? defaults.backoff
    result.onFailure = onFailure ?? defaults.onFailure
    return result
  }

  /// The job of an entry whose kind is known, with the defaults of the format; timing, head and
  /// identity are filled in by the resolution of the chains.
  func job(_ entry: JobEntry, kind: JobKind) -> ScheduledJob {
    let standard = RetryPolicy()
    let policy = JobPolicy(
      kind: kind, timeout: timeout ?? JobPolicy.defaultTimeout,
      retry: RetryPolicy(
        max: retryMax ?? standard.max, firstBackoff: backoff?.lowerBound ?? standard.firstBackoff,
        lastBackoff: backoff?.upperBound ?? standard.lastBackoff),
      deadline: deadline, group: entry.group, needs: entry.needs)
    let rule: DeadlineRule =
      if let deadline { .explicit(deadline) } else {
        kind.placesOrders ? .quarterOfInterval : .untilNextSlot
      }
    return ScheduledJob(
      name: entry.name, kind: kind, timing: .after([]), head: entry.name, policy: policy,
      deadline: rule, catchup: catchup ?? (kind.placesOrders ? .none : .latest),
      overlap: overlap ?? .skip,
      timeAllowed: policy.retry.longestTotal(timeout: policy.timeout),
      grace: grace ?? ScheduledJob.defaultGrace,
      jitter: jitter ?? .zero, paused: entry.paused, onFailure: onFailure ?? FailureResponse(),
      parameters: entry.parameters, location: entry.key.location,
      timingLocation: entry.timingLocation, timingIdentity: "")
  }
}
