import Domain
import Scheduler

/// A planner with a ledger, driven by hand.
struct PlannerBench {
  var schedule: Schedule
  var ledger = MemoryLedger()
  var planner: Planner
  var now: Instant
  var workers: Int
  /// What happened since the last look, one line each: `start fetch 14:01`, `coalesced ...`.
  var news: [String] = []
  var firings: [Slot: Firing] = [:]

  init(_ jobs: String, at time: String, workers: Int = .max) throws {
    schedule = try Self.parse(jobs)
    now = Self.instant(time)
    self.workers = workers
    planner = ledger.planner(for: schedule, workers: workers, now: now)
    tick(time)
  }

  static func parse(_ jobs: String) throws -> Schedule {
    let lines = jobs.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    return try Schedule.parse("version: 1\njobs:\n\(lines)\n", file: "f")
  }

  /// `14:01`, `14:01:30`, or with a day: `21T14:01`.
  static func instant(_ text: String) -> Instant {
    let day = text.contains("T") ? "2026-11-\(text)" : "2026-11-20T\(text)"
    return Instant(rfc3339: day + "Z")!
  }

  mutating func tick(_ time: String) {
    now = Self.instant(time)
    perform(planner.tick(now: now))
  }

  mutating func finish(_ job: String, _ slot: String, _ state: RunState = .succeeded) {
    let slot = Slot(job: JobName(job)!, time: Self.instant(slot))
    let due = ledger.finish(slot, state, followers: firings[slot]?.followers ?? [], now: now)
    perform(planner.handle(.finished(slot, state, due: due), now: now))
  }

  mutating func perform(_ actions: [PlannerAction]) {
    for action in actions {
      switch action {
      case .start(let firing):
        firings[firing.slot] = firing
        let claim = ledger.claim(firing, now: now)
        switch claim {
        case .claimed: news.append("start \(short(firing.slot)) \(firing.trigger)")
        case .refused(let obstacle):
          perform(planner.handle(.couldNotStart(firing.slot, because: obstacle), now: now))
        }
      case .record(let slot, let trigger, let state, let reason):
        ledger.record(slot, trigger, state, reason, now: now)
        news.append("\(state) \(short(slot))")
      case .saveMark(let mark): ledger.save(mark, now: now)
      }
    }
  }

  /// A run by hand, of another process.
  mutating func startByHand(_ slot: Slot, group: String? = nil) {
    let policy = schedule[slot.job]?.policy ?? JobPolicy(kind: .fetch, group: group)
    let claim = ledger.claim(Firing(slot: slot, trigger: .manual, policy: policy), now: now)
    if claim != .claimed { news.append("busy \(short(slot))") }
  }

  /// The process dies, and another one starts.
  mutating func restart(_ time: String) {
    ledger.reap()
    now = Self.instant(time)
    planner = ledger.planner(for: schedule, workers: workers, now: now)
    tick(time)
  }

  /// What happened since the last look.
  mutating func look() -> [String] {
    defer { news = [] }
    return news
  }

  func reason(_ job: String, _ slot: String) -> String? {
    ledger.rows[Slot(job: JobName(job)!, time: Self.instant(slot))]?.reason
  }

  private func short(_ slot: Slot) -> String {
    let text = slot.time.description
    let day = text.dropFirst(8).prefix(2)
    let time = text.dropFirst(11).dropLast(text.hasSuffix(":00Z") ? 4 : 1)
    return "\(slot.job) \(day == "20" ? "" : day + "T")\(time)"
  }

  /// An hourly chain that ends in orders.
  static let chain = """
    fetch: { cron: "1 * * * *" }
    compute: { after: fetch }
    rebalance: { after: compute }
    """
}
