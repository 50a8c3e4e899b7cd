import Domain
import StrictYAML

/// Writes the lines of a crontab as a schedules file, line by line.
struct CrontabWriter {
  private(set) var jobCount = 0
  private(set) var notes: [Diagnostic] = []
  private let file: String
  private let standardZone: String
  private let users: CrontabUsers
  /// The zone of the lines to come; nil below a CRON_TZ that names none.
  private var zone: String?
  private var environment: [(name: String, value: String)] = []
  private var lines: [String] = []
  private var names: Set<String> = []
  private var told: Set<String> = []

  init(file: String, zone: String, users: CrontabUsers) {
    (self.file, standardZone, self.zone, self.users) = (file, zone, zone, users)
  }

  /// The file.
  var text: String {
    let head = [
      "# Imported from \(Self.comment(file)) by `carillon schedule import`.",
      "# As cron does, nothing here is caught up. Cron knows no time-out: give each job the one it needs.",
      "version: 1",
      "timezone: \(standardZone)",
      "defaults: { timeout: \(CrontabImport.timeout), catchup: none }",
      "jobs:",
    ]
    let end = lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
    return (head + lines[..<end]).joined(separator: "\n") + "\n"
  }

  mutating func add(_ line: CrontabLine) {
    switch line.content {
    case .blank:
      if lines.last?.isEmpty == false { lines.append("") }
    case .comment(let text): lines.append("  #" + Self.comment(text))
    case .assignment(let name, let value, let column):
      assign(name, value, at: CrontabWord(text: name, column: column), line.number)
    case .unreadable(let note): refuse(note, line.number)
    case .job(let job):
      do { try add(job, line.number) } catch { refuse(error, line.number) }
    }
  }

  private mutating func assign(
    _ name: String, _ value: String, at word: CrontabWord, _ number: Int
  ) {
    switch name {
    case "CRON_TZ":
      do {
        zone = try ZoneDatabase.zone(value).name
      } catch {
        zone = nil
        refuse(
          CrontabNote("\(error.subject): \(error.cause)", at: word, mend: error.remedy), number)
      }
    case "MAILTO", "MAILFROM":
      warn(
        CrontabNote(
          "\(name) has no effect: nobody is mailed", at: word,
          mend: "`carillon job history` and `carillon job log` keep what runs did"), number)
    default:
      guard Self.isVariable(name) else {
        refuse(
          CrontabNote(
            "`\(name.prefix(40))` is no name of a variable of a job", at: word,
            mend: "use letters, digits and underscores; CARILLON_ is Carillon's own"), number)
        return
      }
      guard !value.contains("\0") else {
        refuse(CrontabNote("a zero byte", at: word), number)
        return
      }
      environment.removeAll { $0.name == name }
      environment.append((name, value))
    }
  }

  private mutating func add(_ job: CrontabJob, _ number: Int) throws(CrontabNote) {
    if let refusal = job.refusal { throw refusal }
    guard let zone else {
      throw CrontabNote("its zone (CRON_TZ) is not known", at: job.fields[0])
    }
    var fields = CrontabFields(job.fields)
    let expression = try fields.expression()
    for note in fields.rewritten { warn(note, number) }
    if let user = job.user, told.insert("user \(user.text)").inserted {
      warn(
        CrontabNote(
          "commands of the user `\(user.text.prefix(40))` run as the user of Carillon", at: user),
        number)
    }
    if job.user == nil, let word = users.user(before: job.command), told.insert("users").inserted {
      warn(
        CrontabNote(
          "the command begins with `\(word.text)`, a user of this machine", at: word,
          mend: "if this is a file of /etc/cron.d: --format system"), number)
    }
    guard !job.command.text.contains("\0") else {
      throw CrontabNote("a zero byte", at: job.command)
    }
    let command = CrontabCommand(job.command.text, hasInput: job.hasInput)
    guard !command.isEmpty else { throw CrontabNote("no command before the %", at: job.command) }
    lines.append("  \(unique(command.name)):  # line \(number)")
    lines.append("    job: \(Self.kind)")
    lines.append("    cron: \(Self.quoted(expression.text))")
    if zone != standardZone { lines.append("    timezone: \(zone)") }
    lines.append("    with:")
    append(command)
    jobCount += 1
  }

  /// The kind of job that runs a command, as the schedules file spells it.
  private static let kind = "command"

  private mutating func append(_ command: CrontabCommand) {
    let script = Self.quoted(command.script)
    if let shell = environment.first(where: { $0.name == "SHELL" })?.value, !shell.isEmpty,
      shell != "/bin/sh"
    {
      lines.append("      run: [\(Self.quoted(shell)), \"-c\", \(script)]")
    } else {
      lines.append("      shell: true")
      lines.append("      run: \(script)")
    }
    if let home = environment.first(where: { $0.name == "HOME" })?.value, !home.isEmpty {
      lines.append("      directory: \(Self.quoted(home))")
    }
    guard !environment.isEmpty else { return }
    lines.append("      environment:")
    for (name, value) in environment {
      lines.append("        \(Self.quoted(name)): \(Self.quoted(value))")
    }
  }

  private mutating func refuse(_ note: CrontabNote, _ number: Int) {
    notes.append(diagnostic(.error, note, number))
    lines.append("  # line \(number) is not imported: \(Self.comment(note.message))")
  }

  private mutating func warn(_ note: CrontabNote, _ number: Int) {
    notes.append(diagnostic(.warning, note, number))
  }

  private func diagnostic(
    _ severity: Diagnostic.Severity, _ note: CrontabNote, _ number: Int
  ) -> Diagnostic {
    Diagnostic(
      severity, at: SourceLocation(file: file, line: number, column: note.column),
      length: note.length, note.message, mend: note.mend)
  }

  /// Whether a job's environment may hold a name.
  private static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first), !name.hasPrefix("CARILLON_")
    else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  /// The name itself, or with the first number that makes it new.
  private mutating func unique(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !names.insert(candidate).inserted {
      candidate = "\(name)-\(number)"
      number += 1
    }
    return candidate
  }

  /// On one line, without what a comment may not hold.
  private static func comment(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
  }

  /// In double quotes, with the escapes of YAML.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 32 || (127..<160).contains(scalar.value) {
          let digits = String(scalar.value, radix: 16)
          result += "\\x" + (digits.count < 2 ? "0" : "") + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
