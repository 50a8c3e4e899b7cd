public import Domain

extension SlotExplanation {
  /// The explanation for machines: the answer to `why`.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.why/1")), .init("job", .string(slot.job.text)),
      .init("slot", .time(slot.time)), .init("verdict", .string(verdict.rawValue)),
      .init("words", .array(sentences.map { .string($0) })), .init("run", run?.json ?? .null),
      .init("previous", .time(previous)), .init("next", .time(next)),
    ])
  }
}
