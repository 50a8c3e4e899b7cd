public import Domain
import Scheduler

// The report for machines, in the shape of "Health Check Response Format for HTTP APIs"
// (draft-inadarei-api-health-check-06), with a few keys of ours.
extension HealthReport {
  /// The media type of the JSON.
  public static let mediaType = "application/health+json"

  /// The report as an object; `version` is this program's.
  public func json(version: String) -> JSONValue {
    let groups = checks.map { check in
      JSONValue.Member(
        check.job == nil ? check.name : "job:\(check.name)", .array([check.json(time: time)]))
    }
    let notes = checks.filter { $0.status != .pass }.map {
      JSONValue.string("\($0.status) \($0.name): \($0.text)")
    }
    var members: [JSONValue.Member] = [
      .init("schema", .string("carillon.health/1")), .init("status", .string(status.rawValue)),
      .init("version", .string("1")), .init("releaseId", .string(version)),
      .init("serviceId", .string("carillon")), .init("time", .string("\(time)")),
    ]
    if !notes.isEmpty { members.append(.init("notes", .array(notes))) }
    members.append(.init("checks", .object(groups)))
    return .object(members)
  }
}

extension HealthCheck {
  fileprivate func json(time: Instant) -> JSONValue {
    func text(_ instant: Instant?) -> JSONValue { instant.map { .string("\($0)") } ?? .null }
    var members: [JSONValue.Member] = [
      .init("componentId", .string(name)), .init("componentType", .string(kind.rawValue)),
      .init("status", .string(status.rawValue)), .init("time", .string("\(time)")),
      .init("output", .string(self.text)),
    ]
    if let since { members.append(.init("since", text(since))) }
    if let next { members.append(.init("next", .string(next))) }
    if let job {
      members += [
        .init("observedValue", .string(job.state.rawValue)),
        .init("last_success", text(job.lastSuccess)), .init("due", text(job.due)),
        .init("stale_after", job.state == .paused ? .null : text(job.staleAfter)),
      ]
    }
    return .object(members)
  }
}
