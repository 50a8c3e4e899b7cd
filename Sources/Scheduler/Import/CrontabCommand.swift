/// The command of a crontab's line: what the shell is given, and what the job is called.
struct CrontabCommand {
  /// For the shell.
  let script: String
  private let command: String

  /// - Parameter hasInput: Whether `%` ends the command and begins its standard input.
  init(_ text: String, hasInput: Bool) {
    guard hasInput else {
      (command, script) = (text, text)
      return
    }
    let parts = CrontabPercent(text)
    (command, script) = (parts.command, parts.script)
  }

  /// Whether there is nothing to run.
  var isEmpty: Bool { command.allSatisfy { $0 == " " || $0 == "\t" } }

  /// A name for the job: of the program that the command is about, in the letters of names.
  var name: String {
    let separators: Set<Character> = [" ", "\t", ";", "&", "|", "(", ")", "{", "}", "<", ">", "\n"]
    let words = Self.withoutRedirections(command).split { separators.contains($0) }.map {
      $0.filter { $0 != "\"" && $0 != "'" }
    }
    var index = 0
    while index < words.count {
      let word = words[index]
      let base = word.split(separator: "/").last.map(String.init) ?? word
      index += 1
      if word.isEmpty || word.hasPrefix("-") || word.contains("=") || Self.isDuration(word)
        || word == "!" || word == "[" || word == "]"
      {
        continue
      }
      if base == "cd" || base == "test" || base == "command" || base == "flock" || base == "su" {
        index += base == "cd" || base == "su" ? 1 : 0
        if base == "test" || base == "command" || base == "flock" {
          while index < words.count, words[index].hasPrefix("-") { index += 1 }
          index += 1
        }
        continue
      }
      if Self.wrappers.contains(base) { continue }
      if let name = Self.name(base) { return name }
    }
    return "command"
  }

  /// Programs that run another one, whose name says more.
  private static let wrappers: Set<String> = [
    "sudo", "nice", "ionice", "chronic", "env", "exec", "timeout", "time", "nohup", "setsid", "sh",
    "bash", "dash", "zsh", "python", "python3", "perl", "php", "ruby", "node", "java", "exit",
    "then", "if", "fi", "true", "run-one", "eatmydata", "run-parts", "echo", ".", "source", "cron",
  ]

  /// What YAML reads as no text, or may: the file would be refused.
  private static let noNames: Set<String> = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n",
  ]

  /// The command without the files that it reads and writes: they say nothing of what runs.
  private static func withoutRedirections(_ command: String) -> String {
    var result = ""
    var rest = command[...]
    while let character = rest.popFirst() {
      guard character == ">" || character == "<" else {
        result.append(character)
        continue
      }
      rest = rest.drop { ">&|<".contains($0) }.drop { $0 == " " || $0 == "\t" }
      rest = rest.drop { !" \t;&|()<>".contains($0) }
      result.append(" ")
    }
    return result
  }

  private static let scriptEndings: Set<String> = [
    "sh", "bash", "py", "pl", "rb", "php", "js", "jar",
  ]

  private static func isDuration(_ word: String) -> Bool {
    let digits = word.drop { $0.isNumber }
    return digits.count < word.count && digits.count <= 1
  }

  private static func name(_ base: String) -> String? {
    let ending = base.split(separator: ".").last.map(String.init) ?? ""
    let stem = scriptEndings.contains(ending) ? base.dropLast(ending.count + 1) : base[...]
    var name = ""
    for character in stem.lowercased() {
      if character.isASCII, character.isLetter || character.isNumber {
        name.append(character)
      } else if name.last != "-" {
        name.append("-")
      }
    }
    let trimmed = name.drop { !$0.isLetter }.prefix(48)
    let end = trimmed.lastIndex { $0 != "-" }
    return end.map { String(trimmed[...$0]) }.flatMap { noNames.contains($0) ? nil : $0 }
  }
}
