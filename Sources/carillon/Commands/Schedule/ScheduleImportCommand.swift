import ArgumentParser
import Disk
import Domain
import Scheduler
import Service
import StrictYAML

/// `carillon schedule import`
struct ScheduleImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Write a crontab as a schedules file.",
    discussion: """
      Every line becomes a job of the kind `command` that fires when cron fired it. Lines that cannot \
      be imported are told with file, line and column, and the command then ends with 65; the others \
      are written all the same. `-` reads standard input: crontab -l | carillon schedule import -
      """)

  @Argument(help: "The crontab; - for standard input.", completion: .file())
  var crontab: String

  @Option(
    help: ArgumentHelp(
      "How its lines are laid out: auto, user, system (with a column of users), supercronic.",
      valueName: "format"),
    transform: { text in
      guard let format = CrontabImport.Format(rawValue: text) else {
        let all = CrontabImport.Format.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--format \(text): the formats are \(all)")
      }
      return format
    })
  var format = CrontabImport.Format.auto

  @Option(help: "The zone on whose clocks cron ran it.")
  var timezone = "UTC"

  @OptionGroup var written: OutputFileOptions

  func run() throws {
    try written.check()
    let output = written.output.flatMap { $0 == "-" ? nil : $0 }
    let file = crontab == "-" ? StandardInput.name : crontab
    let text =
      crontab == "-"
      ? try StandardInput.text(limitBytes: CrontabImport.maximumLengthBytes)
      : try TextFile.read(crontab)
    let result = try CrontabImport(
      text, file: file, format: format, timezone: timezone, users: try users())
    if !result.notes.isEmpty {
      Console.say(
        Diagnostics(result.notes).rendered(
          sources: [file: text], color: Console.isColored(.error)))
    }
    if let schedules = result.text {
      if let output {
        try TextFile.create(output, schedules, replace: written.force)
      } else {
        Console.out(schedules.dropLastLine)
      }
      Console.say(
        "\(result.jobCount == 1 ? "1 job" : "\(result.jobCount) jobs") imported from \(file)"
          + (output.map { " to \($0)" } ?? ""))
    } else {
      Console.say("no line of \(file) could be imported")
    }
    if result.text == nil || result.notes.contains(where: { $0.severity == .error }) {
      throw leave(.data)
    }
  }

  /// The users of this machine, by whom a piece of /etc/cron.d is known; none where there is no list.
  private func users() throws -> Set<String> {
    guard TextFile.exists(Self.passwords) else { return [] }
    let lines = try TextFile.read(Self.passwords).split(separator: "\n")
    return Set(lines.compactMap { $0.split(separator: ":").first.map(String.init) })
  }

  private static let passwords = "/etc/passwd"
}

extension String {
  /// The text without the end of its last line, which printing adds.
  fileprivate var dropLastLine: String { hasSuffix("\n") ? String(dropLast()) : self }
}
