/// What `%` and `\` mean in the command of a crontab's line: where the command ends, and the standard
/// input behind it.
///
/// Source: `do_command.c` of Debian's cron 3.0pl1-162. Before the first `%` a backslash takes its
/// meaning from `%` and from another backslash; behind it from `%` alone, and `%` is an end of line.
struct CrontabPercent: Hashable {
  /// For the shell.
  let command: String
  /// What the command reads; nil where there is no `%`, or nothing behind it.
  let input: String?

  init(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    var command = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count, scalars[index] != "%" {
      let isEscape =
        scalars[index] == "\\" && index + 1 < scalars.count
        && (scalars[index + 1] == "%" || scalars[index + 1] == "\\")
      if isEscape { index += 1 }
      command.append(scalars[index])
      index += 1
    }
    self.command = String(command)
    let rest = scalars.dropFirst(index + 1)
    input = rest.isEmpty ? nil : Self.input(rest)
  }

  private static func input(_ text: ArraySlice<Unicode.Scalar>) -> String {
    var input = String.UnicodeScalarView()
    var isEscaped = false
    var lacksEnd = false
    for scalar in text {
      var scalar = scalar
      if isEscaped {
        if scalar != "%" { input.append("\\") }
      } else if scalar == "%" {
        scalar = "\n"
      }
      isEscaped = scalar == "\\"
      if !isEscaped {
        input.append(scalar)
        lacksEnd = scalar != "\n"
      }
    }
    // A backslash at the very end asks for no end of line by itself.
    if isEscaped { input.append("\\") }
    if lacksEnd { input.append("\n") }
    return String(input)
  }

  /// The command with its input, as one text for a shell.
  var script: String {
    guard let input else { return command }
    guard input.hasSuffix("\n") else {
      return "printf '%s' \(Self.quoted(input)) | {\n\(body)\n}\n"
    }
    var end = "END"
    while input.contains(end) { end += "_" }
    return "{ \(body)\n} <<'\(end)'\n\(input)\(end)\n"
  }

  /// The command where a line follows it: a backslash at its end would go on with that.
  private var body: String {
    command.reversed().prefix { $0 == "\\" }.count % 2 == 0
      ? command : "eval \(Self.quoted(command))"
  }

  private static func quoted(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars {
      if scalar == "'" { result += "'\\''" } else { result.unicodeScalars.append(scalar) }
    }
    return result + "'"
  }
}
