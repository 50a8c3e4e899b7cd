import Disk
import Domain
import Glibc
import Service
import StrictYAML

/// Where output goes: data to standard output, talk to standard error.
enum Console {
  /// Prints data.
  static func out(_ text: String) {
    StandardStream.output.write(line: text)
  }

  /// Prints data as it is, whatever its encoding.
  static func out(bytes: [UInt8]) { StandardStream.output.write(bytes: bytes) }

  /// Prints a JSON object on one line.
  static func out(_ json: JSONValue) { out(json.text()) }

  /// Prints talk: progress, notes, hints.
  static func say(_ text: String) {
    StandardStream.error.write(line: text)
  }

  /// Tells of a fault as every command does: what, on what, why, and what to do.
  static func report(_ fault: Fault) {
    say("carillon: \(fault)")
    if let remedy = fault.remedy { say("  \(remedy)") }
  }

  /// Tells of the mistakes in a file, each with the line it stands on.
  static func report(_ diagnostics: Diagnostics) {
    let files = Set(diagnostics.items.map(\.location.file))
    var sources: [String: String] = [:]
    for file in files {
      // A place that is no file (an environment variable) has no line to show.
      if let text = TextFile.contents(file) { sources[file] = text }
    }
    say(diagnostics.rendered(sources: sources, color: isColored(.error)))
  }

  /// Whether a stream is a terminal that wants color.
  static func isColored(_ stream: StandardStream) -> Bool {
    stream.isTerminal && getenv("NO_COLOR") == nil
  }
}
