/// The users by whom a file of /etc/cron.d is told from a user's crontab: both look alike but for the
/// word before the command.
struct CrontabUsers {
  private let ofMachine: Set<String>

  /// The users of Debian's `base-passwd`, and of its commonest packages, that are no programs as well.
  private static let ofDebian: Set<String> = [
    "root", "daemon", "www-data", "uucp", "irc", "gnats", "nobody", "_apt", "messagebus", "postfix",
    "Debian-exim", "postgres",
  ]
  /// Users of Debian that are programs, or words of a shell, as well.
  private static let programs: Set<String> = [
    "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "proxy", "backup", "list", "sshd",
    "mysql", "ntp", "redis", "git", "nginx",
  ]

  init(ofMachine: Set<String>) { self.ofMachine = ofMachine }

  /// Whether a word can only be a user.
  func isCertain(_ word: String) -> Bool {
    Self.ofDebian.contains(word) || (ofMachine.contains(word) && !Self.programs.contains(word))
  }

  /// The user with whose name a command begins, where more follows it.
  func user(before command: CrontabWord) -> CrontabWord? {
    let word = String(command.text.prefix { $0 != " " && $0 != "\t" })
    guard word.count < command.text.count, isCertain(word) else { return nil }
    return CrontabWord(text: word, column: command.column)
  }
}
