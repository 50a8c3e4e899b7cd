public import Domain
import Scheduler
import Store

extension ServiceOverview {
  /// The overview for machines: the answer to `status`.
  ///
  /// - Parameters:
  ///   - mode: how orders are executed.
  ///   - version: this program's, told where no service ever ran.
  public func json(mode: String, version: String) -> JSONValue {
    let snapshot = snapshot.map { snapshot in
      JSONValue.object([
        .init("id", .string("\(snapshot.id)")), .init("taken", .time(snapshot.taken)),
        .init("verified", .time(snapshot.verified)), .init("size", .number(snapshot.size)),
      ])
    }
    return .object([
      .init("schema", .string("carillon.status/1")),
      .init("version", .string(started?.text ?? version)), .init("mode", .string(mode)),
      .init("time", .time(time)), .init("running", .bool(isRunning)), .init("since", .time(since)),
      .init("status", .string(health.status.rawValue)),
      .init("tzdata", .string(ZoneDatabase.version ?? "unknown")),
      .init("accounts", .array(accounts.map(\.json))), .init("snapshot", snapshot ?? .null),
      .init("audit_head", .text(auditHead)),
      .init("jobs", .array(jobs.map(\.json))),
    ])
  }
}

extension ServiceOverview.AccountFigures {
  fileprivate var json: JSONValue {
    .object([
      .init("account", .string(account.name)), .init("quote", .string(account.quote)),
      .init("equity", .amount(latest?.equity)), .init("cash", .amount(latest?.cash)),
      .init("time", .time(latest?.time)), .init("day_ratio", .ratio(dayChange)),
      .init("drawdown_ratio", .ratio(drawdown)), .init("open_orders", .number(openOrders)),
    ])
  }
}

extension ServiceOverview.JobOverview {
  fileprivate var json: JSONValue {
    .object([
      .init("job", .string(job.name.text)), .init("kind", .string(job.kind.rawValue)),
      .init("state", .string(health.state.rawValue)), .init("when", .string(job.reason)),
      .init("last_success", .time(health.lastSuccess)), .init("next", .time(next)),
      .init("due", .time(health.due)), .init("paused_by", .text(health.pausedJob?.text)),
      .init("paused_until", .time(health.pausedUntil)),
      .init("stale_after", health.state == .paused ? .null : .time(health.staleAfter)),
      .init("took_ms", .span(durations.first)), .init("p50_ms", .span(duration(within: 0.5))),
      .init("p95_ms", .span(duration(within: 0.95))), .init("runs", .array(runs.map(\.json))),
    ])
  }
}
