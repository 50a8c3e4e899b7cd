import Disk
import Domain
import Service
import StrictYAML

/// Where output goes: data to standard output, talk to standard error.
enum Console {
  /// Prints data.
  static func out(_ text: String) { out(whole: text + "\n") }

  /// Prints text as it is, without the end of a line after it.
  static func out(whole text: String) {
    var text = text
    text.withUTF8 { StandardOutput.write(UnsafeRawBufferPointer($0)) }
  }

  /// Prints data as it is, whatever its encoding.
  static func out(bytes: [UInt8]) { bytes.withUnsafeBytes { StandardOutput.write($0) } }

  /// Prints a JSON object on one line.
  static func out(_ json: JSONValue) { out(json.text()) }

  /// Prints talk: progress, notes, hints.
  static func say(_ text: String, isWholeLine: Bool = true) {
    StandardStream.error.write(text: isWholeLine ? text + "\n" : text)
  }

  /// Tells of a fault as every command does: what, on what, why, and what to do.
  static func report(_ fault: Fault) {
    say("carillon: \(fault)")
    if let remedy = fault.remedy { say("  \(CommandHint.own.completed(remedy))") }
  }

  /// Tells of the mistakes in a file, each with the line it stands on.
  ///
  /// - Parameter sources: the text of what is no file, or is not as the file has it.
  static func report(_ diagnostics: Diagnostics, sources: [String: String] = [:]) {
    let files = Set(diagnostics.items.map(\.location.file))
    var sources = sources
    for file in files where sources[file] == nil {
      // A place that is no file (an environment variable) has no line to show.
      if let text = TextFile.contents(file) { sources[file] = text }
    }
    say(diagnostics.rendered(sources: sources, color: isColored(.error)))
  }

  /// Whether a stream is a terminal that wants color.
  static func isColored(_ stream: StandardStream) -> Bool { Screen(stream).isColored }

  /// Prints a line of words, broken where the terminal ends.
  static func out(words text: String, indent: Int = 0) {
    Screen(.output).wrapped(text, indent: indent).forEach { out($0) }
  }
}
