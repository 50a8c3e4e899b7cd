import Domain
import Scheduler
import Store
import Testing

@testable import Service

/// What `why` answers, a case for each kind of answer. The times are of 2026-11-20, a Friday, UTC.
@Suite struct SlotExplanationTests {
  /// What is in the ledger, what is asked, and what must be in the answer.
  struct Case: CustomTestStringConvertible {
    var title: String
    /// `fetch succeeded cron`, `infer failed after: HTTP 503`; all at 12:00.
    var rows: [String] = []
    var slot: String
    var isServed = true
    /// When it is asked.
    var now = noon + .minutes(90)
    var pause: (job: String, until: Instant)?
    var verdict: SlotExplanation.Verdict
    var words: [String]

    var testDescription: String { title }
  }

  static let noon = ServiceFolder.start
  private static let schedule = """
    version: 1
    jobs:
      fetch:   { every: 1h }
      compute: { after: fetch }
      infer:   { after: compute }
      held:    { job: fetch, every: 1h, paused: true }
      shaken:  { job: fetch, every: 1h, jitter: 20m, catchup: none }
      market:  { job: fetch, cron: "0 10,14 * * *", timezone: America/New_York, calendar: XNYS }
      opening: { job: fetch, cron: "open+5m", calendar: XNYS }
      nightly: { job: snapshot, cron: "30 1,2 * * *", timezone: America/New_York }
      often:   { job: snapshot, cron: "*/30 * * * *", timezone: America/New_York }
    """

  static let cases: [Case] = [
    // Slots with a row.
    Case(
      title: "it succeeded", rows: ["fetch succeeded cron"], slot: "fetch@2026-11-20T12:00:00Z",
      verdict: .ended, words: ["ran and succeeded", "it fell due by every 1h"]),
    Case(
      title: "it failed", rows: ["fetch failed cron: HTTP 503"],
      slot: "fetch@2026-11-20T12:00:00Z", verdict: .ended,
      words: ["ran and ended failed", "HTTP 503"]),
    Case(
      title: "it was missed", rows: ["fetch missed catchup: too late"],
      slot: "fetch@2026-11-20T12:00:00Z", verdict: .ended,
      words: ["did not run: missed: too late", "it fell due while nothing was running"]),
    Case(
      title: "it was run by hand", rows: ["infer succeeded manual"],
      slot: "infer@2026-11-20T12:00:00Z", verdict: .ended, words: ["it was run by hand"]),
    Case(
      title: "it runs", rows: ["fetch running cron"], slot: "fetch@2026-11-20T12:00:00Z",
      verdict: .running, words: ["runs since 2026-11-20T12:00:00Z"]),
    Case(
      title: "it is owed",
      rows: ["fetch succeeded cron", "compute deferred after: due after fetch"],
      slot: "compute@2026-11-20T12:00:00Z", isServed: false, now: noon + .minutes(30),
      verdict: .waiting,
      words: [
        "is owed an attempt: deferred: due after fetch (run 2)", "it falls due after fetch",
        "it may start until 2026-11-20T13:00:00Z", "nothing runs on the database",
      ]),
    Case(
      title: "it is owed, too late", rows: ["fetch succeeded cron", "compute deferred after: x"],
      slot: "compute@2026-11-20T12:00:00Z", verdict: .waiting,
      words: ["its latest start was 2026-11-20T13:00:00Z: it will end missed"]),
    Case(
      title: "it was skipped after its parent",
      rows: ["fetch failed cron: HTTP 503", "compute skipped after: fetch ended failed"],
      slot: "compute@2026-11-20T12:00:00Z", verdict: .ended,
      words: ["did not run: skipped", "fetch@2026-11-20T12:00:00Z ran and ended"]),

    // Followers without a row.
    Case(
      title: "its parent failed", rows: ["fetch failed cron: HTTP 503"],
      slot: "compute@2026-11-20T12:00:00Z", verdict: .notDue,
      words: ["did not fall due: it needs fetch to succeed", "HTTP 503"]),
    Case(
      title: "the parent's parent failed", rows: ["fetch failed cron: HTTP 503"],
      slot: "infer@2026-11-20T12:00:00Z", verdict: .notDue,
      words: [
        "infer@2026-11-20T12:00:00Z did not fall due: it needs compute",
        "compute@2026-11-20T12:00:00Z did not fall due: it needs fetch", "HTTP 503",
      ]),
    Case(
      title: "its parent runs", rows: ["fetch running cron"], slot: "compute@2026-11-20T12:00:00Z",
      verdict: .waiting, words: ["has not fallen due yet: it waits for fetch", "runs since"]),
    Case(
      title: "its parent was run by hand", rows: ["fetch succeeded manual"],
      slot: "compute@2026-11-20T12:00:00Z", verdict: .notDue,
      words: ["fetch was run by hand, without --chain"]),
    Case(
      title: "its parent's parent was run by hand", rows: ["fetch succeeded manual"],
      slot: "infer@2026-11-20T12:00:00Z", verdict: .notDue,
      words: ["it needs compute to succeed", "fetch was run by hand, without --chain"]),

    // Slots to come.
    Case(
      title: "a head's next", slot: "fetch@2026-11-20T14:00:00Z", verdict: .future,
      words: ["it falls due in 30m00s, by every 1h"]),
    Case(
      title: "a follower's next", slot: "infer@2026-11-20T14:00:00Z", verdict: .future,
      words: ["fetch falls due in 30m00s, and infer runs after compute"]),
    Case(
      title: "one in a pause of its chain", slot: "infer@2026-11-20T14:00:00Z",
      pause: ("fetch", noon + .hours(3)), verdict: .future,
      words: ["but it will not run: fetch is paused until 2026-11-20T15:00:00Z"]),
    Case(
      title: "one after the pause", slot: "infer@2026-11-20T16:00:00Z",
      pause: ("fetch", noon + .hours(3)), verdict: .future, words: ["fetch falls due in 2h30m"]),
    Case(
      title: "one that the file pauses", slot: "held@2026-11-20T14:00:00Z", verdict: .future,
      words: ["the schedules file pauses held"]),

    // Slots that are not decided on.
    Case(
      title: "it waits for its turn", slot: "fetch@2026-11-20T13:00:00Z", verdict: .waiting,
      words: ["is due and waits: for a worker, its group, or the run before it"]),
    Case(
      title: "its head waits", slot: "infer@2026-11-20T13:00:00Z", verdict: .waiting,
      words: ["waits for fetch, which is due"]),
    Case(
      title: "nothing runs", slot: "shaken@2026-11-20T13:00:00Z", isServed: false,
      verdict: .waiting,
      words: ["fell due while nothing ran", "none runs (catchup: none)"]),
    Case(
      title: "from before the job began", slot: "fetch@2026-11-20T10:00:00Z",
      verdict: .beforeBeginning, words: ["its timing holds since 2026-11-20T10:30:00Z"]),
    Case(
      title: "seen by no service", slot: "often@2026-11-20T12:00:00Z", verdict: .beforeBeginning,
      words: ["no service has run with often in its schedule yet"]),

    // No slots.
    Case(
      title: "between two", slot: "fetch@2026-11-20T12:10:00Z", verdict: .noSlot,
      words: [
        "2026-11-20T12:10:00Z is no slot of fetch: it runs by every 1h",
        "the previous is 2026-11-20T12:00:00Z, the next 2026-11-20T13:00:00Z",
      ]),
    Case(
      title: "of a follower", slot: "infer@2026-11-20T12:10:00Z", verdict: .noSlot,
      words: ["fetch, which leads its chain, runs by every 1h"]),
    Case(
      title: "of a job that is not there", slot: "nobody@2026-11-20T12:00:00Z", verdict: .noSlot,
      words: ["no job named nobody is in the schedule"]),
    // https://www.nyse.com/markets/hours-calendars: Thanksgiving on 26 November 2026, and a close at
    // 13:00 on the day after it.
    Case(
      title: "a holiday", slot: "market@2026-11-26T15:00:00Z", verdict: .noSlot,
      words: [
        "XNYS has no session on 2026-11-26",
        "the previous is 2026-11-25T19:00:00Z, the next 2026-11-27T15:00:00Z",
      ]),
    Case(
      title: "a half day", slot: "market@2026-11-27T19:00:00Z", verdict: .noSlot,
      words: ["XNYS closes early on 2026-11-27, at 2026-11-27T18:00:00Z"]),
    Case(
      title: "a weekend, by sessions", slot: "opening@2026-11-21T14:35:00Z", verdict: .noSlot,
      words: [
        "XNYS has no session on 2026-11-21",
        "the previous is 2026-11-20T14:35:00Z, the next 2026-11-23T14:35:00Z",
      ]),
    // New York, 2026-03-08: the clocks jump from 2:00 to 3:00; 2026-11-01: from 2:00 back to 1:00
    // (CRON.md's table).
    Case(
      title: "in the gap of daylight saving", slot: "nightly@2026-03-08T07:30:00Z",
      verdict: .noSlot,
      words: [
        "2026-03-08 02:30 does not exist in America/New_York: fires at 03:00 EDT",
        "the previous is 2026-03-08T07:00:00Z, the next 2026-03-09T05:30:00Z",
      ]),
    Case(
      title: "the second pass of a repeated hour", slot: "nightly@2026-11-01T06:30:00Z",
      verdict: .noSlot,
      words: ["the previous is 2026-11-01T05:30:00Z, the next 2026-11-01T07:30:00Z"]),
  ]

  @Test(arguments: cases)
  func tells(_ story: Case) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let schedule = try Schedule.parse(Self.schedule, file: "f")
    let lock = try ProcessLock.acquire(beside: folder.database, purpose: "test", now: .epoch)
    try store.write(at: Self.noon) { transaction in
      for job in schedule.jobs where job.name.text != "often" {
        var mark = JobMark(
          job: job.name, since: Self.noon - .minutes(90), timing: job.timingIdentity)
        if let pause = story.pause, pause.job == job.name.text { mark.pausedUntil = pause.until }
        try transaction.marks.save(mark)
      }
      for row in story.rows { try Self.write(row, lock.holder, transaction) }
    }
    let slot = try #require(Slot(story.slot))
    let explanation = try store.read {
      SlotExplanation(
        of: try SlotFacts(
          slot, schedule: schedule, isServed: story.isServed, $0, now: story.now))
    }
    #expect(explanation.verdict == story.verdict)
    let said = explanation.sentences.joined(separator: "\n")
    for words in story.words { #expect(said.contains(words), "\(words)\n-- in --\n\(said)") }
    try store.close()
  }

  private static func write(
    _ row: String, _ holder: HolderID, _ transaction: WriteTransaction
  ) throws {
    let colon = row.firstIndex(of: ":")
    let words = row[..<(colon ?? row.endIndex)].split(separator: " ")
    let reason = colon.map { String(row[row.index($0, offsetBy: 2)...]) }
    let job = try #require(JobName(words[0]))
    let state = try #require(RunState(rawValue: String(words[1])))
    let found: Domain.Trigger? = .init(rawValue: String(words[2]))
    let trigger = try #require(found)
    let slot = Slot(job: job, time: noon)
    if [.missed, .deferred, .skipped].contains(state) {
      try transaction.runs.record(slot, trigger: trigger, state: state, reason: reason)
      return
    }
    let firing = Firing(slot: slot, trigger: trigger, policy: JobPolicy(kind: .fetch))
    guard case .claimed(let run, let attempt) = try transaction.runs.claim(firing, holder: holder)
    else {
      Issue.record("not claimed: \(row)")
      return
    }
    guard state != .running else { return }
    try transaction.runs.finish(run: run, attempt: attempt, state: state, reason: reason)
  }
}
