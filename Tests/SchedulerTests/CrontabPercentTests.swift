import Domain
import StrictYAML
import Testing

@testable import Scheduler

/// What Debian's cron does with `%` and `\`. The daemon itself is asked by scripts/checks/crontab, with
/// these lines and others.
@Suite struct CrontabPercentTests {
  /// The command that the shell was given and the input that it read under cron 3.0pl1-162.
  @Test(
    arguments: [
      // Before the first %: \\ and \% lose a backslash, anything else keeps it.
      (#"printf '[\%s]' 'a\\b' 'c\d' 'e\\\f'"#, #"printf '[%s]' 'a\b' 'c\d' 'e\\f'"#, nil),
      (#"echo #\\%data one%data two"#, #"echo #\"#, "data one\ndata two\n"),
      (#"echo a\"#, #"echo a\"#, nil), (#"echo \\\%x"#, #"echo \%x"#, nil),
      // An end of line is added where one lacks: 27, 1, 2 bytes (crontab(5)'s own example is the first).
      ("wc -c%Joe,%%Where are your kids?%", "wc -c", "Joe,\n\nWhere are your kids?\n"),
      ("wc -c%%", "wc -c", "\n"), ("wc -c% %", "wc -c", " \n"), ("wc -c%a", "wc -c", "a\n"),
      // Nothing behind the %.
      ("wc -c%", "wc -c", nil),
      // Behind the %: \% is a percent sign, and \ before anything else stays.
      (#"cat%100\%"#, "cat", "100%\n"), (#"cat%a\\b\c"#, "cat", #"a\\b\c"# + "\n"),
      (#"cat%a\\%b"#, "cat", #"a\%b"# + "\n"), (#"cat%a%\"#, "cat", "a\n\\"),
      (#"cat%a\"#, "cat", "a\\\n"), (#"cat%\"#, "cat", "\\"),
    ] as [(String, String, String?)])
  func readsAsCronDoes(text: String, command: String, input: String?) {
    let parts = CrontabPercent(text)
    #expect(parts.command == command)
    #expect(parts.input == input)
  }

  /// What one shell makes of it: a here-document, and what cannot be one.
  @Test(arguments: [
    ("wc -c%a%%END", "{ wc -c\n} <<'END_'\na\n\nEND\nEND_\n"),
    (#"cat%it's\"#, "{ cat\n} <<'END'\nit's\\\nEND\n"),
    (#"cat%it's%\"#, #"printf '%s' 'it'\''s"# + "\n" + #"\' | {"# + "\ncat\n}\n"),
    (#"echo 'a' b\\%x"#, #"{ eval 'echo '\''a'\'' b\'"# + "\n} <<'END'\nx\nEND\n"),
  ])
  func writesForAShell(text: String, script: String) {
    #expect(CrontabPercent(text).script == script)
  }
}

/// A piece of /etc/cron.d that is read from elsewhere.
@Suite struct CrontabUsersTests {
  private static func notes(_ text: String, users: Set<String> = []) throws -> [String] {
    try CrontabImport(text, file: "tab", users: users).notes.map {
      "\($0.location.line):\($0.location.column) \($0.message)"
    }
  }

  @Test func takesAColumnOfUsersForOne() throws {
    let crontab = try CrontabImport(
      """
      # entries of a package, copied out of /etc/cron.d
      0 */12 * * * root test -x /usr/bin/certbot && certbot -q renew
      @daily nobody /usr/bin/true
      """, file: "crontab")
    let schedule = try Schedule.parse(try #require(crontab.text), file: "imported")
    #expect(
      schedule.jobs.map { $0.parameters?["run"]?.text } == [
        "test -x /usr/bin/certbot && certbot -q renew", "/usr/bin/true",
      ])
  }

  @Test func warnsWhereOnlySomeCommandsBeginWithAUser() throws {
    let text = "0 1 * * * root echo a\n0 2 * * * echo b\n0 3 * * * nobody echo c\n"
    #expect(
      try Self.notes(text) == ["1:11 the command begins with `root`, a user of this machine"])
    // A user of the machine alone, and one that is a program as well.
    #expect(try Self.notes("0 1 * * * ops go\n0 2 * * * go\n").isEmpty)
    #expect(
      try Self.notes("0 1 * * * ops go\n0 2 * * * go\n", users: ["ops"]) == [
        "1:11 the command begins with `ops`, a user of this machine"
      ])
    #expect(try Self.notes("0 1 * * * mail -s x y\n", users: ["mail"]).isEmpty)
    #expect(try Self.notes("0 1 * * * root\n").isEmpty)
  }
}
