public import Domain
public import StrictYAML

extension Fault {
  /// The fault for machines: what a command with `--json` answers when it cannot answer.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.error/1")), .init("exit", .number(Int(exit.rawValue))),
      .init("operation", .string(operation)), .init("subject", .string(subject)),
      .init("cause", .string(cause)), .init("remedy", .text(remedy)),
      .init("file", .text(location?.file)), .init("line", .count(location?.line)),
      .init("column", .count(location?.column)),
    ])
  }
}

extension Diagnostics {
  /// The mistakes for machines, as an answer of their own.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.error/1")),
      .init("exit", .number(Int(ExitCode.configuration.rawValue))),
      .init("diagnostics", .array(items.map(\.json))),
    ])
  }
}

extension Diagnostic {
  /// The mistake for machines.
  public var json: JSONValue {
    .object([
      .init("severity", .string(severity.rawValue)), .init("file", .string(location.file)),
      .init("line", .number(location.line)), .init("column", .number(location.column)),
      .init("message", .string(message)), .init("mend", .text(mend)),
    ])
  }
}
