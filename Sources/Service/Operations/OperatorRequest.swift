public import Domain
public import Store

/// What a person asks of the service, as a row of the table of requests and back.
public enum OperatorRequest: Hashable, Sendable {
  /// To let the slots of a job end `skipped`, until an instant or until it is resumed.
  case pause(JobName, until: Instant?, reason: String?)
  /// To end a pause by hand.
  case resume(JobName)
  /// To end a run, a waiting slot, or a debt.
  case cancel(Slot, reason: String?)
  /// To run a job once, now, beside its schedule.
  case run(JobName, reason: String?)
  /// To run a slot again that has ended.
  case retry(Slot, reason: String?)
  /// To take the present wall clock for the truth.
  case trustClock(reason: String)
  /// To read the schedules file, and the calendars it names, now.
  case reload

  /// The verb of pauses, in the table and in the audit.
  static let pauseVerb = "pause"
  /// The verb of reloads, in the table.
  static let reloadVerb = "reload"

  /// The longest text that people may give as a reason, in characters.
  public static let longestReasonCharacters = 500

  /// The request of a row; nil for one that this version does not know.
  public init?(_ record: RequestRecord) {
    let detail = record.detail.flatMap(Self.read)
    let reason = detail?["reason"]?.string
    switch record.verb {
    case Self.pauseVerb:
      guard let job = JobName(record.subject) else { return nil }
      var until: Instant?
      if let text = detail?["until"] {
        // An end that cannot be read is no pause without an end.
        guard let time = text.string.flatMap({ Instant(rfc3339: $0) }) else { return nil }
        until = time
      }
      self = .pause(job, until: until, reason: reason)
    case "resume-job":
      guard let job = JobName(record.subject) else { return nil }
      self = .resume(job)
    case "cancel":
      guard let slot = Slot(record.subject) else { return nil }
      self = .cancel(slot, reason: reason)
    case "run-job":
      guard let job = JobName(record.subject) else { return nil }
      self = .run(job, reason: reason)
    case "retry":
      guard let slot = Slot(record.subject) else { return nil }
      self = .retry(slot, reason: reason)
    case "trust-clock":
      guard let reason else { return nil }
      self = .trustClock(reason: reason)
    case Self.reloadVerb:
      self = .reload
    default: return nil
    }
  }

  /// What is to be done, in the table and in the audit.
  public var verb: String {
    switch self {
    case .pause: Self.pauseVerb
    case .resume: "resume-job"
    case .cancel: "cancel"
    case .run: "run-job"
    case .retry: "retry"
    case .trustClock: "trust-clock"
    case .reload: Self.reloadVerb
    }
  }

  /// To what.
  public var subject: String {
    switch self {
    case .pause(let job, _, _), .resume(let job), .run(let job, _): job.text
    case .cancel(let slot, _), .retry(let slot, _): slot.description
    case .trustClock: "clock"
    case .reload: "schedule"
    }
  }

  /// What else is to be known, as JSON.
  public var detail: String? {
    var members: [JSONValue.Member] = []
    switch self {
    case .pause(_, let until, let reason):
      if let until { members.append(.init("until", .string("\(until)"))) }
      if let reason { members.append(.init("reason", .string(reason))) }
    case .resume, .reload: break
    case .cancel(_, let reason), .run(_, let reason), .retry(_, let reason):
      if let reason { members.append(.init("reason", .string(reason))) }
    case .trustClock(let reason): members.append(.init("reason", .string(reason)))
    }
    return members.isEmpty ? nil : JSONValue.object(members).text()
  }

  /// Why, in the person's words, if any were given.
  public var reason: String? {
    switch self {
    case .pause(_, _, let reason), .cancel(_, let reason), .run(_, let reason),
      .retry(_, let reason):
      reason
    case .trustClock(let reason): reason
    case .resume, .reload: nil
    }
  }

  /// The audit's words for a request and its answer.
  static func audit(_ subject: String, _ reason: String?, _ answer: OperatorAnswer) -> String {
    "\(subject): \(answer.text)" + (reason.map { " (\($0))" } ?? "")
  }

  private static func read(_ text: String) -> JSONValue? {
    do throws(JSONSyntaxError) {
      return try JSONValue.parse(Array(text.utf8))
    } catch {
      return nil  // not ours: the request is answered as one that is not understood
    }
  }
}

/// What came of a request.
public struct OperatorAnswer: Hashable, Sendable {
  /// How it went.
  public typealias Outcome = RequestOutcome

  /// How it went.
  public var outcome: Outcome
  /// In words.
  public var words: String

  /// An answer.
  public init(_ outcome: Outcome, _ words: String) { (self.outcome, self.words) = (outcome, words) }

  /// The answer to a request; nil while it is open.
  public init?(_ record: RequestRecord) {
    guard let outcome = record.outcome, let words = record.answer else { return nil }
    self.init(outcome, words)
  }

  /// For machines.
  var json: JSONValue {
    .object([
      .init("schema", .string("carillon.action/1")), .init("outcome", .string(outcome.rawValue)),
      .init("words", .string(words)),
    ])
  }

  /// `done: fetch is paused until it is resumed`.
  public var text: String { "\(outcome.rawValue): \(words)" }
}
