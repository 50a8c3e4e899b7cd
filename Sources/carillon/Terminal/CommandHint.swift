import ArgumentParser
import Domain

/// The commands that a message proposes, so that they work where it was printed: with the settings file
/// that the present command was given.
struct CommandHint {
  /// What is put behind the words of a command, like `-c demo/carillon.yaml`; nil where nothing is.
  private let option: String?

  /// Hints of the process's own command line.
  static let own = CommandHint(Array(CommandLine.arguments.dropFirst()))

  /// Hints under the arguments of a command.
  init(_ arguments: [String]) {
    var path: String?
    for (index, word) in arguments.enumerated() {
      if ["-c", "--config"].contains(word), index + 1 < arguments.count {
        path = arguments[index + 1]
      } else if word.hasPrefix("--config=") {
        path = String(word.dropFirst("--config=".count))
      }
    }
    option = path.map { "-c " + $0.quotedForShells }
  }

  /// A message whose commands name the settings file, as far as they take one.
  func completed(_ text: String) -> String {
    guard let option else { return text }
    var result = ""
    var rest = text[...]
    while let range = rest.firstRange(of: "carillon ") {
      result += rest[..<range.upperBound]
      let isWord = result.dropLast("carillon ".count).last.map { !"/.-_".contains($0) } ?? true
      rest = rest[range.upperBound...]
      guard isWord, let length = Self.commandLength(rest) else { continue }
      result += rest.prefix(length) + " " + option
      rest = rest.dropFirst(length)
    }
    return result + rest
  }

  /// How many characters at the start of a text are the words of a command that takes settings; nil when
  /// none are.
  private static func commandLength(_ text: Substring) -> Int? {
    var command: any ParsableCommand.Type = Carillon.self
    var (length, rest) = (0, text)
    while true {
      let word = rest.prefix { $0.isLetter || $0 == "-" }
      let children = command.configuration.subcommands
      guard let child = children.first(where: { $0.configuration.commandName == String(word) })
      else { break }
      command = child
      length += word.count
      rest = rest.dropFirst(word.count)
      guard rest.first == " ", !child.configuration.subcommands.isEmpty else { break }
      let next = String(rest.dropFirst().prefix { $0.isLetter || $0 == "-" })
      guard
        child.configuration.subcommands.contains(where: { $0.configuration.commandName == next })
      else { break }
      length += 1
      rest = rest.dropFirst()
    }
    guard length > 0 else { return nil }
    let leaf = command.configuration.defaultSubcommand ?? command
    return Carillon.helpMessage(for: leaf).contains("--config") ? length : nil
  }
}

extension String {
  /// The text as a shell takes it for one word.
  var quotedForShells: String {
    let plain =
      !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "/._-+=:,@%".utf8.contains(byte)
        }
      }
    return plain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
