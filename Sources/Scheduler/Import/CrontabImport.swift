public import Domain
public import StrictYAML

/// A crontab as a schedules file: what could be imported, and a note for each line that could not.
///
/// Every imported line fires when it did under Debian's cron, in the same zone. What cron does
/// otherwise around the fires (mail, several runs of one line at a time, another user) is told in
/// warnings.
public struct CrontabImport: Hashable, Sendable {
  /// How the lines of a crontab are laid out.
  public enum Format: String, CaseIterable, Sendable {
    /// By the name of the file and by its lines.
    case auto
    /// As `crontab -e` edits it: five fields and a command.
    case user
    /// As /etc/crontab: five fields, a user and a command.
    case system
    /// As supercronic reads it: five fields, six with a year, seven with seconds and a year; `%` has
    /// no meaning.
    case supercronic
  }

  /// The schedules file; nil when no line could be imported.
  public let text: String?
  /// How many jobs it has.
  public let jobCount: Int
  /// Errors are lines that are not in the file; warnings are what differs from cron.
  public let notes: [Diagnostic]

  /// The longest crontab that is read.
  public static let maximumLengthBytes = 1 << 20
  /// The time-out that the file gives all its jobs: cron knows none.
  public static let timeout = TimeSpan.hours(12)

  /// Imports a crontab.
  ///
  /// - Parameters:
  ///   - text: Its content, at most `maximumLengthBytes`.
  ///   - file: Its name, for messages and to tell its format.
  ///   - timezone: The zone on whose clocks cron ran it.
  ///   - users: The users of the machine that it ran on, beside those that every Debian has: a command
  ///     that begins with one of them was meant for /etc/cron.d.
  /// - Throws: A `Fault` for an unknown zone, and for a text that is too long.
  public init(
    _ text: String, file: String, format: Format = .auto, timezone: String = "UTC",
    users: Set<String> = []
  ) throws(Fault) {
    guard text.utf8.count <= Self.maximumLengthBytes else {
      throw Fault(
        "import", file, cause: "it has more than \(Self.maximumLengthBytes) bytes", exit: .data)
    }
    let zone = try ZoneDatabase.zone(timezone)
    let users = CrontabUsers(ofMachine: users)
    let lines = CrontabReader(file: file, format: format, users: users).lines(of: text)
    var writer = CrontabWriter(file: file, zone: zone.name, users: users)
    for line in lines { writer.add(line) }
    self.text = writer.jobCount > 0 ? writer.text : nil
    jobCount = writer.jobCount
    notes = writer.notes
  }
}
