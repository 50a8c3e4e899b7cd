import Domain
import Scheduler
import Store

/// What people do on the pages and in chats: the commands' own requests, carried out by the service's loop,
/// and the brake; each is audited with who asked and from where.
struct DashboardActions: Sendable {
  let readings: ServiceReadings
  /// By which way people ask, as the audit and halts name it.
  var way = Way.web

  /// The ways by which people ask.
  enum Way: String, Sendable { case web, telegram }

  /// What can be done, by the last part of the form's address.
  static let verbs = [
    "run-job", "retry", "pause", "resume-job", "cancel", "halt", "resume", "acknowledge", "silence",
  ]

  /// What may send orders that are worth money: there an account's name is typed.
  static let risky: Set<String> = ["run-job", "retry", "resume-job", "resume"]

  /// How long the answer of the loop is waited for, and how often it is looked for.
  private static let patience = TimeSpan.seconds(5)
  private static let glance = TimeSpan.milliseconds(50)

  /// Does it.
  ///
  /// - Parameters:
  ///   - verb: the last part of the form's address.
  ///   - fields: what the form says.
  ///   - person: who, and from where.
  /// - Returns: what came of it; nil for what there is not.
  func perform(
    _ verb: String, _ fields: [String: String], by person: String
  ) async throws -> OperatorAnswer? {
    let reason = Self.reason(fields["reason"])
    if ["halt", "resume", "pause", "cancel", "silence"].contains(verb), reason == nil {
      return OperatorAnswer(.refused, "say why, in a few words")
    }
    let live = readings.liveAccounts
    if Self.risky.contains(verb), !live.isEmpty, !live.contains(fields["account"] ?? "") {
      return OperatorAnswer(
        .refused, "this is real money: type the account's name (\(live.joined(separator: ", ")))")
    }
    if verb == "halt" || verb == "resume" {
      return try await brake(verb, reason ?? "", by: person)
    }
    if verb == "acknowledge" || verb == "silence" {
      return try await alert(verb, fields, reason ?? "", by: person)
    }
    let found = try await readings.page { source in
      try Self.request(verb, fields, reason, source, by: person)
    }
    guard let request = found else { return nil }
    let id = try await readings.page { [way] source in
      try source.store.write(at: source.now) { transaction in
        try transaction.audit.append(way.rawValue, "\(person): \(request.verb) \(request.subject)")
        return try transaction.requests.append(
          request.verb, request.subject, detail: request.detail)
      }
    }
    RequestBell(database: readings.database).ring()
    return try await answer(id)
  }

  /// One line, short enough; nil when nothing is said.
  static func reason(_ text: String?) -> String? {
    let words = (text ?? "").split(whereSeparator: \.isWhitespace)
    return words.isEmpty ? nil : String(words.joined(separator: " ").prefix(300))
  }

  private static func request(
    _ verb: String, _ fields: [String: String], _ reason: String?, _ source: PageSource,
    by person: String
  ) throws -> OperatorRequest? {
    let subject = fields["subject"] ?? ""
    let words = reason.map { "\($0) (\(person))" }
    switch verb {
    case "pause":
      guard let job = JobName(subject), try source.schedule()[job] != nil else { return nil }
      var until: Instant?
      if let text = fields["span"], !text.isEmpty {
        // A length that cannot be read is no pause without an end.
        guard let span = TimeSpan(text), span > .zero, span <= .days(366) else { return nil }
        until = Instant(seconds: source.now.seconds + 1) + span
      }
      return .pause(job, until: until, reason: words)
    case "resume-job":
      guard let job = JobName(subject), try source.schedule()[job] != nil else { return nil }
      return .resume(job)
    case "cancel":
      guard let slot = Slot(subject) else { return nil }
      return .cancel(slot, reason: words)
    case "run-job":
      guard let job = JobName(subject), try source.schedule()[job] != nil else { return nil }
      return .run(job, reason: words ?? person)
    case "retry":
      guard let slot = Slot(subject) else { return nil }
      return .retry(slot, reason: words ?? person)
    default: return nil
    }
  }

  private func alert(
    _ verb: String, _ fields: [String: String], _ reason: String, by person: String
  ) async throws -> OperatorAnswer {
    let key = fields["subject"] ?? ""
    return try await readings.page { source in
      try source.store.write(at: source.now) { transaction in
        guard verb == "silence" else {
          return try AlertDesk.acknowledge(key, by: person, transaction)
        }
        guard let span = TimeSpan(fields["span"] ?? "") else {
          return OperatorAnswer(.refused, "for how long? Write it like 2h")
        }
        return try AlertDesk.silence(key, for: span, because: reason, by: person, transaction)
      }
    }
  }

  private func brake(
    _ verb: String, _ reason: String, by person: String
  ) async throws -> OperatorAnswer {
    try await readings.page { [way] source in
      let brake = Brake(database: source.store.path)
      let words = "\(reason) (\(person))"
      guard verb == "halt" else {
        let before = try brake.release(because: words, at: source.now)
        return before == nil
          ? OperatorAnswer(.nothingToDo, "trading is not halted")
          : OperatorAnswer(.done, "orders are sent again")
      }
      let report = brake.halt(because: words, by: way.rawValue, at: source.now)
      guard report.isHalted else {
        return OperatorAnswer(
          .refused, "neither the file nor the database could be written: it is NOT halted")
      }
      if case .alreadyHalted = report.record {
        return OperatorAnswer(.nothingToDo, "trading was halted already")
      }
      return OperatorAnswer(.done, "no order is sent until somebody ends the halt")
    }
  }

  private func answer(_ id: Int64) async throws -> OperatorAnswer {
    let end = readings.uptime + Self.patience
    while readings.uptime < end {
      let text = try await readings.page { source in
        try source.store.read { try $0.requests.request(id)?.answer }
      }
      if let text, let answer = OperatorAnswer(text) { return answer }
      try await readings.sleep(Self.glance)
    }
    return OperatorAnswer(
      .refused,
      "it is noted, but not answered within \(Self.patience): see the audit (request \(id))")
  }
}
