import Domain
import Scheduler
import StrictYAML
import Testing

/// What a bad file gets: each mistake with its place and the mend.
struct ScheduleMistakesTests {
  /// Each row is the `jobs` of a file, from line 3 on, with its one mistake.
  static let rows: [(jobs: String, place: String, length: Int, message: String, mend: String?)] = [
    // Names.
    (
      "fetch: { every: 1h }\ncompute: { after: fecth }", "4:21", 5, "no job named `fecth`",
      "did you mean `fetch` (line 3)?"
    ),
    (
      "fetch: { every: 1h }\ncompute: { after: [fetch, xyz] }", "4:29", 3, "no job named `xyz`",
      "the jobs are `fetch`, `compute`"
    ),
    (
      "fetch: { every: 1h, needs: { ftch: 1h } }", "3:32", 4, "no job named `ftch`",
      "did you mean `fetch` (line 3)?"
    ),
    (
      "fetch: { every: 1h, needs: { fetch: 1h } }", "3:32", 5, "job `fetch` needs itself",
      "remove it"
    ),
    (
      "Fetch: { every: 1h }", "3:3", 5,
      "`Fetch` must be a lower-case letter, then lower-case letters, digits and hyphens, at most 64 characters, not `Fetch`",
      nil
    ),
    (
      "fetch: { every: 1h }\ncompute: { after: [fetch, fetch] }", "4:29", 5,
      "`after` names `fetch` twice", "remove one"
    ),
    ("fetch: { every: 1h }\ncompute: { after: [] }", "4:21", 1, "`after` names no job", "name one"),
    // Kinds.
    (
      "fecth: { every: 1h }", "3:3", 5, "`fecth` is not the name of a kind",
      "did you mean `fetch`? Otherwise say what it does: job: KIND"
    ),
    (
      "fetch-crypto: { every: 1h }", "3:3", 12, "`fetch-crypto` is not the name of a kind",
      "say what it does: job: fetch"
    ),
    ("a: { job: fech, every: 1h }", "3:13", 4, "no kind named `fech`", "did you mean `fetch`?"),
    (
      "a: { job: train, every: 1h }", "3:13", 5, "no kind named `train`",
      "the kinds are fetch, compute, infer, rebalance, reconcile, snapshot, prune, report, command"
    ),
    // Timing.
    (
      "fetch: { timeout: 5m }", "3:3", 5, "job `fetch` has none of `cron`, `every` and `after`",
      "say when it runs"
    ),
    ("fetch:", "3:3", 5, "job `fetch` says nothing", "say when it runs: fetch: { every: 1h }"),
    (
      "fetch: { cron: \"1 * * * *\", every: 1h }", "3:3", 5, "job `fetch` has `cron` and `every`",
      "keep one of them"
    ),
    ("fetch: { cron: \"5 25 * * *\" }", "3:21", 2, "hour 25 is outside 0-23", nil),
    ("fetch: { every: 0s }", "3:19", 2, "an interval of 0s is too short", "the shortest is 1s"),
    (
      "fetch: { every: 1h/2h }", "3:22", 2, "the phase 2h is not shorter than the interval 1h",
      "write 0s"
    ),
    (
      "fetch: { cron: \"1 * * * *\", timezone: Europe/Pariss }", "3:41", 13,
      "`Europe/Pariss`: there is no such zone", nil
    ),
    (
      "fetch: { cron: open+5m }", "3:18", 7, "`open+5m` needs a calendar", "add one: calendar: XNYS"
    ),
    // Chains.
    (
      "compute: { after: infer }\ninfer: { after: compute }", "3:21", 5,
      "cycle: compute → infer → compute", "drop one `after`"
    ),
    ("compute: { after: compute }", "3:21", 7, "cycle: compute → compute", "drop one `after`"),
    (
      "a: { job: fetch, every: 1h }\nb: { job: fetch, every: 2h }\nc: { job: compute, after: b }\ncompute: { after: [a, c] }",
      "6:25", 1, "`a` and `c` (after `b`) have different heads, so they share no slots",
      "follow one of them and name the other in `needs`"
    ),
    // Values.
    (
      "fetch: { every: 1h, timeout: 300 }", "3:32", 3,
      "`timeout` must be a span from 1s to 7d with its unit, not `300`", nil
    ),
    (
      "fetch: { every: 1h, overlap: que }", "3:32", 3,
      "`overlap` must be one of skip, queue, not `que`", nil
    ),
    (
      "fetch: { every: 1h, overlap: quue }", "3:32", 4,
      "`overlap` must be one of skip, queue, not `quue`", "did you mean `queue`?"
    ),
    (
      "fetch: { every: 1h, catchup: last }", "3:32", 4,
      "`catchup` must be one of latest, none, all, not `last`", "did you mean `latest`?"
    ),
    (
      "fetch: { every: 1h, retry: 3 }", "3:30", 1,
      "`retry` of job `fetch` must be a mapping of keys to values, not a text", nil
    ),
    (
      "fetch: { every: 1h, retry: { max: 0 } }", "3:37", 1,
      "`max` must be a whole number from 1 to 100, not `0`", nil
    ),
    (
      "fetch: { every: 1h, retry: { backoff: 2m..10s } }", "3:41", 7,
      "`backoff` must be one span or two with dots between, like 10s..2m, not `2m..10s`", nil
    ),
    (
      "fetch: { every: 1h, paused: yes }", "3:31", 3, "`paused` must be true or false, not `yes`",
      "write `true`"
    ),
    (
      "fetch: { every: 1h, with: 5 }", "3:29", 1,
      "`with` must be a mapping of keys to values, not a text", nil
    ),
    (
      "fetch: { every: 1h, deadline: 5s, jitter: 1m }", "3:3", 5,
      "the jitter of job `fetch`, 1m, is longer than its deadline", "set a deadline of more than 1m"
    ),
    (
      "fetch: { every: 1h, timout: 5m }", "3:23", 6, "unknown key `timout` in job `fetch`",
      "did you mean `timeout`?"
    ),
    (
      "fetch: { every: 1h, on-failure: { halt: 2 } }", "3:37", 4,
      "unknown key `halt` in `on-failure` of job `fetch`",
      "known are `notify`, `severity`, `halt-after`"
    ),
    ("fetch: { every: 1h, calendar: XXXX }", "3:33", 4, "`XXXX`: there is no such calendar", nil),
  ]

  @Test(arguments: rows)
  func tells(row: (jobs: String, place: String, length: Int, message: String, mend: String?)) throws
  {
    let jobs = row.jobs.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    let thrown = #expect(throws: Diagnostics.self) {
      try Schedule.parse("version: 1\njobs:\n\(jobs)\n", file: "f")
    }
    let errors = (thrown?.items ?? []).filter { $0.severity == .error }
    try #require(errors.count == 1, "\(String(describing: thrown))")
    #expect(errors[0].location.description == "f:\(row.place)")
    #expect(errors[0].length == row.length)
    #expect(errors[0].message == row.message)
    if let mend = row.mend { #expect(errors[0].mend == mend) }
  }

  static let files: [(text: String, place: String, message: String)] = [
    ("", "1:1", "`version` is missing"),
    ("version: 1\n", "1:1", "`jobs` is missing"),
    (
      "mode: paper\naccounts: {}\n", "1:1",
      "this is a settings file, and a schedules file is wanted"
    ),
    ("version: 1\njobs: {}\n", "2:7", "there are no jobs"),
    ("version: 1\njobs:\n", "2:6", "`jobs` has no value"),
    (
      "version: 2\njobs: { fetch: { every: 1h } }\n", "1:10",
      "version 2 of the schedules format is not known"
    ),
    ("version: 1\ntimzone: UTC\njobs: { fetch: { every: 1h } }\n", "2:1", "unknown key `timzone`"),
    (
      "version: 1\njobs: [fetch]\n", "2:7", "`jobs` must be a mapping of keys to values, not a list"
    ),
    ("- a\n", "1:1", "the file must be a mapping of keys to values, not a list"),
    (
      "version: 1\ndefaults: { cron: x }\njobs: { fetch: { every: 1h } }\n", "2:13",
      "unknown key `cron` in `defaults`"
    ),
  ]

  /// Health shows the first mistake of a file, so that must name the key to mend.
  @Test func aMisspeltTimingIsNamedAtOnce() {
    let thrown = #expect(throws: Diagnostics.self) {
      try Schedule.parse("version: 1\njobs:\n  fetch: { evry: 5m }\n", file: "f")
    }
    #expect(thrown?.items.first?.mend == "did you mean `every` by `evry`?")
    #expect(thrown?.items.count == 2)
  }

  @Test(arguments: files)
  func tellsOfTheFile(row: (text: String, place: String, message: String)) throws {
    let thrown = #expect(throws: Diagnostics.self) { try Schedule.parse(row.text, file: "f") }
    let item = try #require(
      thrown?.items.first { $0.message == row.message }, "\(String(describing: thrown))")
    #expect(item.location.description == "f:\(row.place)")
  }

  @Test func tellsAllAtOnceAndDrawsThem() throws {
    let text = """
      version: 1
      timzone: UTC
      jobs:
        fetch:
          every: 250ms
        compute:
          after: fecth
          timeout: soon
        infer: { after: compute, jitter: 5s }
      """
    let thrown = #expect(throws: Diagnostics.self) {
      try Schedule.parse(text, file: "schedules.yaml")
    }
    #expect(
      thrown?.rendered(
        sources: ["schedules.yaml": text], color: false,
        conclusion: "the previous schedule stays active") == """
          schedules.yaml:2:1: error: unknown key `timzone`
           2 | timzone: UTC
             | ^^^^^^^ did you mean `timezone`?
          schedules.yaml:5:12: error: an interval of 250ms is too short
           5 |     every: 250ms
             |            ^^^^^ the shortest is 1s
          schedules.yaml:7:12: error: no job named `fecth`
           7 |     after: fecth
             |            ^^^^^ did you mean `fetch` (line 4)?
          schedules.yaml:8:14: error: `timeout` must be a span from 1s to 7d like 90s, 5m or 1h30m, not `soon`
           8 |     timeout: soon
             |              ^^^^
          schedules.yaml:9:36: warning: `jitter` has no effect on `infer`, which follows another job
           9 |   infer: { after: compute, jitter: 5s }
             |                                    ^^ set it on the head of the chain, or remove it
          4 errors, 1 warning; the previous schedule stays active
          """)
  }

  @Test func warnsWithoutRefusing() throws {
    let schedule = try Schedule.parse(
      """
      version: 1
      jobs:
        fetch: { cron: "0 0 1 * mon" }
        compute: { after: fetch, catchup: all }
        infer: { after: compute, on-failure: { severity: info, halt-after: 2 } }
        snapshot: { every: 1h, on-failure: { notify: [mail] } }
      """, file: "f")
    #expect(schedule.warnings.map(\.location.line) == [3, 4])
    #expect(schedule["snapshot"]?.onFailure.notify == ["mail"])
    #expect(schedule.warnings.allSatisfy { $0.severity == .warning })
    #expect(schedule["compute"]?.catchup == .latest)  // the head's
  }
}
