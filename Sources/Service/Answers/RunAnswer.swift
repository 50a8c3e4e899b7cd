public import Domain
public import Store

extension RunRecord {
  /// The run for machines.
  public var json: JSONValue {
    .object([
      .init("run", .number(id)), .init("job", .string(slot.job.text)),
      .init("slot", .time(slot.time)), .init("state", .string(state.rawValue)),
      .init("trigger", .string(trigger.rawValue)), .init("attempts", .number(attempts)),
      .init("started", .time(started)), .init("ended", .time(ended)),
      .init("reason", .text(reason)), .init("cause", .text(cause?.rawValue)),
      .init("result", .text(result)),
    ])
  }
}

/// The answer to `job history`: what became of slots, newest first.
public struct HistoryAnswer: Sendable {
  /// The runs.
  public var runs: [RunRecord]

  /// Reads the runs of a job, or of all.
  ///
  /// - Throws: a `Fault` of the database.
  public init(
    _ transaction: ReadTransaction, job: JobName?, limit: Int, failedOnly: Bool
  ) throws {
    runs = try transaction.runs.history(job: job, limit: limit, failedOnly: failedOnly)
  }

  /// The answer for machines.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.job.history/1")), .init("runs", .array(runs.map(\.json))),
    ])
  }
}
