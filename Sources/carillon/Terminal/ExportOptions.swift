import ArgumentParser
import Disk
import Domain

/// Where a command writes what it makes.
struct OutputFileOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: "Write this file, whole or not at all, instead of standard output; it must be new.",
    completion: .file())
  var output: String?

  @Flag(help: "Let --output replace a file that is there.")
  var force = false

  /// Refuses to replace what nobody allowed to replace, before any work is done.
  ///
  /// - Throws: exit 73.
  func check() throws(Fault) { try Self.check(output, force: force) }

  /// Refuses to replace a file that nobody allowed to replace; `-` is standard output.
  ///
  /// - Throws: exit 73.
  static func check(_ output: String?, force: Bool) throws(Fault) {
    guard let output, output != "-", !force, TextFile.exists(output) else { return }
    throw Fault(
      "write", output, cause: "it exists already",
      remedy: "replace it with --force, or choose another name", exit: .cannotCreate)
  }
}

/// From when to when.
struct SpanOptions: ParsableArguments {
  @Option(help: "At or after this time, like 2026-03-08T07:00:00Z.")
  var from: String?

  @Option(help: "Before this time.")
  var to: String?

  /// The first instant, if one was named.
  var start: Instant? { from.flatMap { Instant(rfc3339: $0) } }
  /// The instant behind the last, if one was named.
  var end: Instant? { to.flatMap { Instant(rfc3339: $0) } }

  func validate() throws {
    for (name, text) in [("--from", from), ("--to", to)] {
      if let text, Instant(rfc3339: text) == nil {
        throw ValidationError("\(name) \(text) is no time; write it like 2026-03-08T07:00:00Z")
      }
    }
    if let start, let end, end <= start {
      throw ValidationError("--to must be later than --from")
    }
  }
}
