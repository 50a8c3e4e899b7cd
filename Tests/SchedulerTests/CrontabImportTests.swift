import Domain
import Glibc
import Scheduler
import StrictYAML
import Testing

@Suite struct CrontabImportTests {
  /// The imported jobs, as the schedules file has them.
  private static func schedule(_ crontab: CrontabImport) throws -> Schedule {
    let text = try #require(crontab.text)
    #expect(text.split(separator: "\n").count { $0 == "    job: command" } == crontab.jobCount)
    return try Schedule.parse(text, file: "imported")
  }

  private static func notes(_ crontab: CrontabImport) -> [String] {
    crontab.notes.map {
      "\($0.location.line):\($0.location.column) \($0.severity.rawValue): \($0.message)"
    }
  }

  /// A user's crontab with all that crontab(5) of Debian describes.
  @Test func importsAUsersCrontab() throws {
    let crontab = try CrontabImport(
      """
      # Backups of the night
      SHELL=/bin/bash
      PATH = "/usr/local/bin:/usr/bin"
      MAILTO=ops@example.org
      HOME=/srv/app

      30 2 * * *  ./bin/backup.sh --all "$HOME"
      0 9 * * fri-mon\tnice -n 10 /usr/bin/report >/dev/null 2>&1
      @daily cd /srv/app && ./bin/backup.sh --check
      @reboot /usr/bin/warm-up
      */15 8-18 1,15 * 1-5 mail -s hello root%Dear root,%it is 100\\% done.%
      0 0 31 2 * echo never
      61 * * * * echo wrong
      """, file: "crontab", timezone: "America/New_York")
    #expect(
      Self.notes(crontab) == [
        "4:1 warning: MAILTO has no effect: nobody is mailed",
        "8:9 warning: `fri-mon` is written `fri,sat,sun,mon`",
        "10:1 error: @reboot is no time, so it has no slots",
        "12:5 error: \"0 0 31 2 *\" never fires (31 February)",
        "13:1 error: minute 61 is outside 0-59",
      ])
    let schedule = try Self.schedule(crontab)
    #expect(schedule.jobs.map(\.name.text) == ["backup", "report", "backup-2", "mail"])
    #expect(crontab.jobCount == 4)
    #expect(schedule.jobs.allSatisfy { $0.kind == .command && $0.catchup == .none })
    #expect(
      schedule.jobs.map { $0.cadence?.expression?.text } == [
        "30 2 * * *", "0 9 * * fri,sat,sun,mon", "@daily", "*/15 8-18 1,15 * 1-5",
      ])
    #expect(schedule.jobs.allSatisfy { $0.cadence?.zone.name == "America/New_York" })
    let first = try #require(schedule.jobs[0].parameters)
    #expect(
      first["run"]?.elements?.map(\.text)
        == ["/bin/bash", "-c", "./bin/backup.sh --all \"$HOME\""])
    #expect(first["directory"]?.text == "/srv/app")
    #expect(
      first["environment"]?.entries?.map { "\($0.key.text ?? "")=\($0.value.text ?? "")" } == [
        "SHELL=/bin/bash", "PATH=/usr/local/bin:/usr/bin", "HOME=/srv/app",
      ])
    // What is behind the first % is standard input, % being an end of line and \\% a percent sign.
    // No line follows the one that ends with %: `do_command.c` adds only an end of line that lacks.
    #expect(
      schedule.jobs[3].parameters?["run"]?.elements?.last?.text
        == "{ mail -s hello root\n} <<'END'\nDear root,\nit is 100% done.\nEND\n")
    let text = try #require(crontab.text)
    #expect(text.contains("  # Backups of the night\n"))
    #expect(text.contains("  # line 10 is not imported: @reboot is no time, so it has no slots\n"))
    #expect(text.contains("  backup-2:  # line 9\n"))
  }

  /// Debian's /etc/crontab.
  @Test func importsTheSystemsCrontab() throws {
    let text = """
      # m h dom mon dow user  command
      17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly
      25 6\t* * *\twww-data\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
      @weekly root
      """
    for (format, file) in [
      (CrontabImport.Format.auto, "tab"), (.system, "tab"), (.auto, "/etc/crontab"),
    ] {
      let crontab = try CrontabImport(text, file: file, format: format)
      #expect(
        Self.notes(crontab) == [
          "2:12 warning: commands of the user `root` run as the user of Carillon",
          "3:12 warning: commands of the user `www-data` run as the user of Carillon",
          "4:1 error: no command behind the user `root`",
        ])
      let schedule = try Self.schedule(crontab)
      #expect(schedule.jobs.map(\.name.text) == ["cron-hourly", "cron-daily"])
      let run = schedule.jobs[0].parameters
      #expect(run?["run"]?.text == "cd / && run-parts --report /etc/cron.hourly")
      #expect(run?["shell"]?.text == "true")
      #expect(run?["environment"] == nil)
    }
  }

  /// Fields as in the README of supercronic's expression parser: seconds first where there are
  /// seven, a year last where there are six.
  @Test func importsWhatSupercronicReads() throws {
    let crontab = try CrontabImport(
      """
      0 */5 * * * * * date +%s
      30 0 12 * * * * echo seconds
      0 9 * * MONDAY * echo 100%
      0 9 ? * mon 2031 echo year
      0 9 ? * mon echo plain
      CRON_TZ=Europe/Paris
      0 9 1 1 * * echo zone
      CRON_TZ=Mars/Base
      0 9 1 1 * * echo nowhere
      """, file: "tab")
    #expect(
      Self.notes(crontab) == [
        "2:1 error: `30` in the field of seconds: slots begin with a minute",
        "3:9 warning: `MONDAY` is written `mon`",
        "4:13 error: years cannot be told",
        "5:5 warning: `?` is written `*`",
        "8:1 error: `Mars/Base`: there is no such zone",
        "9:1 error: its zone (CRON_TZ) is not known",
      ])
    let schedule = try Self.schedule(crontab)
    #expect(
      schedule.jobs.map { "\($0.cadence?.expression?.text ?? "") \($0.cadence?.zone.name ?? "")" }
        == ["*/5 * * * * UTC", "0 9 * * mon UTC", "0 9 * * mon UTC", "0 9 1 1 * Europe/Paris"])
    // % has no meaning for supercronic.
    #expect(
      schedule.jobs.map { $0.parameters?["run"]?.text } == [
        "date +%s", "echo 100%", "echo plain", "echo zone",
      ])
  }

  /// What cron takes and `CronExpression` refuses, and what it becomes: the values by hand.
  @Test(arguments: [
    ("0 22-2 * * *", "0 22,23,0,1,2 * * *"), ("50-10/5 * * * *", "50,55,0,5,10 * * * *"),
    ("0 0 * nov-feb *", "0 0 * nov,dec,jan,feb *"), ("0 0 * * 5-1", "0 0 * * fri,sat,sun,mon"),
    ("0 0 * * 7-2", "0 0 * * sun,mon,tue"), ("0 0 * * fri-sun", "0 0 * * fri-sun"),
    ("*/90 * * * *", "0 * * * *"), ("5 */24 1 * *", nil), ("* */24 * * *", "* 0 * * *"),
    ("0-30/60 4 * * *", "0 4 * * *"), ("0 0 */40 * *", "0 0 1 * *"), ("0 0 */40 * 1", nil),
    ("0 0 1 */12 *", "0 0 1 1 *"), ("0 0 * * */7", "0 0 * * 0"), ("0 0 1 * */7", nil),
    ("*/2,50-10/10 4 * * *", "*/2,50,0,10 4 * * *"), ("0/15 4 * * *", "0/15 4 * * *"),
    ("*/0 4 * * *", nil), ("1-2-3 4 * * *", nil), ("0 0 * * fri#2,5L", "0 0 * * fri#2,5L"),
  ])
  func rewritesWhatIsRefused(_ fields: String, _ expected: String?) throws {
    let crontab = try CrontabImport("\(fields) true-enough\n", file: "tab")
    guard let expected else {
      #expect(crontab.text == nil && crontab.notes.contains { $0.severity == .error })
      return
    }
    let schedule = try Self.schedule(crontab)
    #expect(schedule.jobs.map { $0.cadence?.expression?.text } == [expected])
    #expect(crontab.notes.count == (expected == fields ? 0 : 1))
  }

  /// Each expression of the goldens, whose fires two other implementations agree on, fires the same
  /// after an import.
  @Test func firesAsCronDid() throws {
    let rows = try CronGoldenTests.rows()
    #expect(rows.count >= 400)
    for row in rows {
      let crontab = try CrontabImport("\(row[1]) run it\n", file: "tab", timezone: row[0])
      #expect(crontab.notes == [], "\(row[1])")
      let cadence = try #require(try Self.schedule(crontab).jobs.first?.cadence)
      var time = try #require(Instant(rfc3339: row[2]))
      for text in row[3].split(separator: " ") {
        let fire = try #require(Instant(rfc3339: text))
        #expect(cadence.next(after: time) == fire, "\(row[1]) \(row[0])")
        time = fire
      }
    }
  }

  @Test(arguments: [
    ("/usr/local/bin/backup.sh", "backup"), ("FOO=1 sudo -n ./x/My_Report.py", "my-report"),
    ("cd /srv && python3 -u tools/sync.py", "sync"),
    ("timeout 5m nice -n 5 fetch-all", "fetch-all"),
    ("flock -n /tmp/lock ./job", "job"), ("[ -x /a/b ] && /a/b", "b"), ("123", "command"),
    ("command -v debian-sa1 > /dev/null && debian-sa1 1 1", "debian-sa1"), ("null", "command"),
    ("/usr/bin/true >/srv/log/yes 2>&1", "command"), ("yes | ./fix", "fix"),
    ("/bin/on-it", "on-it"),
    ("sort <in >>out/all", "sort"), ("echo >&2 hi", "hi"),
    ("\"/opt/my tools/go\" now", "my"), ("###", "command"), ("éé", "command"),
  ])
  func namesJobsByTheirPrograms(_ command: String, _ name: String) throws {
    let crontab = try CrontabImport("0 0 * * * \(command)\n", file: "tab")
    #expect(try Self.schedule(crontab).jobs.map(\.name.text) == [name])
  }

  /// Quotes, backslashes, colons, controls: what a shell may be told survives.
  @Test func keepsCommandsToTheLetter() throws {
    let command =
      #"printf "a: \"b\" #c\n" | tr '\t' "é" && echo \\ 'it'"'"'s' {x: [y], &z *w !v ?u"#
    let crontab = try CrontabImport("0 0 * * * \(command)\u{7}\u{85}\n", file: "tab")
    // But for two backslashes, of which cron makes one before it asks a shell.
    let told =
      #"printf "a: \"b\" #c\n" | tr '\t' "é" && echo \ 'it'"'"'s' {x: [y], &z *w !v ?u"#
    #expect(
      try Self.schedule(crontab).jobs[0].parameters?["run"]?.text == told + "\u{7}\u{85}")
  }

  /// A job's environment holds names of variables only, and no text holds a zero byte.
  @Test func refusesWhatNoJobMayHold() throws {
    let crontab = try CrontabImport(
      """
      my-name=x
      CARILLON_RUN=7
      GOOD=\u{0}
      HOME=
      0 0 * * * echo \u{0}
      0 0 * * * %only input
      0 0 * * * echo fine
      """, file: "tab")
    #expect(
      Self.notes(crontab) == [
        "1:1 error: `my-name` is no name of a variable of a job",
        "2:1 error: `CARILLON_RUN` is no name of a variable of a job",
        "3:1 error: a zero byte", "5:11 error: a zero byte",
        "6:11 error: no command before the %",
      ])
    let job = try #require(try Self.schedule(crontab).jobs.first)
    #expect(job.parameters?["directory"] == nil)
    #expect(job.parameters?["environment"]?.entries?.map(\.key.text) == ["HOME"])
  }

  @Test func saysWhenNothingIsLeft() throws {
    for text in ["", "\n# only words\n", "@reboot x\n", "1 2 3\n"] {
      #expect(try CrontabImport(text, file: "tab").text == nil)
    }
    #expect(throws: Fault.self) {
      try CrontabImport(
        String(repeating: "#", count: CrontabImport.maximumLengthBytes + 1), file: "tab")
    }
    #expect(throws: Fault.self) { try CrontabImport("", file: "tab", timezone: "Mars/Base") }
  }

  /// Any text whatever gives a file that can be read, or none.
  @Test(arguments: 0..<200) func neverWritesWhatCannotBeRead(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let pieces = [
      "*", "*/5", "0", "7", "fri-mon", "22-2", "@daily", "@reboot", " ", " ", "\t", "\n", "%",
      "\\%",
      "#", "A=b", "CRON_TZ=Europe/Paris", "root", "\"", "'", ":", "\u{0}", "é", "- ", "{", "&a",
    ]
    var text = ""
    for _ in 0..<40 {
      text +=
        (random.once(in: 2) ? "0 4 * * * " : "") + (pieces.randomElement(using: &random) ?? "")
    }
    for format in CrontabImport.Format.allCases {
      let crontab = try CrontabImport(text, file: "tab", format: format)
      guard crontab.text != nil else { continue }
      #expect(try Self.schedule(crontab).jobs.count == crontab.jobCount, "seed \(seed)\n\(text)")
    }
  }
}
