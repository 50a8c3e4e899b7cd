import ArgumentParser
import Domain

/// What a command line probably meant that the parser did not understand.
struct CommandMistake {
  /// What to say besides the parser's words; nil when they say all.
  let advice: String?

  /// Looks at the arguments after the program's name.
  init(_ arguments: [String], message: String) {
    advice =
      Self.misspelt(arguments, in: Carillon.self)
      ?? Self.unquoted(arguments, message) ?? Self.negative(arguments, message)
  }

  /// A word where a command should stand, and the command nearest to it.
  private static func misspelt(
    _ arguments: [String], in root: any ParsableCommand.Type
  ) -> String? {
    var (command, path) = (root, ["carillon"])
    for word in arguments {
      let children = command.configuration.subcommands
      guard !children.isEmpty, !word.hasPrefix("-") else { return nil }
      let names = children.map { $0.configuration.commandName ?? "" }
      if let index = names.firstIndex(of: word) {
        command = children[index]
        path.append(word)
        continue
      }
      // A command that works without a further word takes this one for itself.
      guard command.configuration.defaultSubcommand == nil, word != "help" else { return nil }
      let parent = path.joined(separator: " ")
      if let near = nearest(word, among: names) {
        return "`\(parent) \(word)` is no command; did you mean `\(parent) \(near)`?"
      }
      return "`\(parent) \(word)` is no command; there are: \(names.joined(separator: ", "))"
    }
    return nil
  }

  /// The name that a word is a slip of, or the beginning or plural of.
  private static func nearest(_ word: String, among names: [String]) -> String? {
    names.first { word == $0 + "s" || ($0.hasPrefix(word) && word.count >= 3) }
      ?? Spelling.nearest(word, among: names)
  }

  /// An expression without quotes, in whose stars the shell put the files of the folder.
  private static func unquoted(_ arguments: [String], _ message: String) -> String? {
    guard message.contains("nexpected argument") else { return nil }
    let takesExpression =
      arguments.starts(with: ["schedule", "explain"]) || arguments.contains("--cron")
    guard takesExpression else { return nil }
    return "put the expression in quotes, or the shell replaces its stars by files: \"30 2 * * *\""
  }

  /// A value that looks like an option.
  private static func negative(_ arguments: [String], _ message: String) -> String? {
    guard message.contains("issing value") else { return nil }
    for (option, value) in zip(arguments, arguments.dropFirst())
    where option.hasPrefix("-") && value.hasPrefix("-") && Int(value) != nil {
      return "a value that begins with - stands behind =: \(option)=\(value)"
    }
    return nil
  }
}
