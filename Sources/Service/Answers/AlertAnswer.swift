public import Domain
public import Store

/// What people are told of, for machines: what `carillon alerts --json` and `/api/v1/alerts` answer.
public struct AlertAnswer: Sendable {
  /// The alerts: those that are not over, the loudest first, then the newest of the others.
  public let alerts: [AlertRecord]
  /// What is not told for a while.
  public let silences: [Silence]

  /// Looks.
  ///
  /// - Parameter ended: how many of those that are over at most.
  public init(_ transaction: ReadTransaction, ended: Int, now: Instant) throws {
    let open = try transaction.alerts.open()
    let over =
      ended == 0
      ? []
      : try transaction.alerts.latest(limit: ended + open.count).filter { $0.state == .closed }
    alerts = open + over.prefix(ended)
    silences = try transaction.silences.inForce(at: now)
  }

  /// The answer.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.alerts/1")), .init("alerts", .array(alerts.map(\.json))),
      .init("silences", .array(silences.map(\.json))),
    ])
  }
}

extension AlertRecord {
  fileprivate var json: JSONValue {
    .object([
      .init("id", .number(id)), .init("key", .string(key)),
      .init("kind", .string(alert.kind.rawValue)), .init("subject", .text(alert.subject)),
      .init("severity", .string(alert.severity.rawValue)),
      .init("state", .string(state.rawValue)), .init("text", .string(alert.text)),
      .init("remedy", .text(alert.remedy)), .init("since", .time(since)),
      .init("last", .time(last)), .init("count", .number(count)), .init("closed", .time(closed)),
      .init("acknowledged", .time(acknowledged?.time)),
      .init("acknowledged_by", .text(acknowledged?.by)),
    ])
  }
}

extension Silence {
  fileprivate var json: JSONValue {
    .object([
      .init("key", .string(key)), .init("since", .time(since)), .init("until", .time(until)),
      .init("reason", .string(reason)),
    ])
  }
}
