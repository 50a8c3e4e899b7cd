public import Domain
public import Scheduler

/// The answer to `schedule next`.
private func answer(_ fires: [JSONValue]) -> JSONValue {
  .object([
    .init("schema", .string("carillon.schedule.next/1")), .init("fires", .array(fires)),
  ])
}

extension [UpcomingFire] {
  /// The next fires of a schedule as one answer for machines.
  public var json: JSONValue {
    answer(
      map { fire in
        .object([
          .init("at", .time(fire.at)), .init("job", .string(fire.job.text)),
          .init("why", .string(fire.why)),
        ])
      })
  }
}

extension [Instant] {
  /// The next fires of an expression, which has no job, as one answer for machines.
  public var json: JSONValue { answer(map { .object([.init("at", .time($0))]) }) }
}
