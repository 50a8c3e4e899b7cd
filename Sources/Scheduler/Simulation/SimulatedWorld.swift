import Domain

/// The service of a simulation: starts, stops, clocks that step, pauses, and runs that take time.
struct SimulatedWorld {
  private(set) var ledger = MemoryLedger()
  private let plan: ScheduleSimulation
  /// What happens from outside, in order.
  private var events: ArraySlice<(at: Instant, event: Event)>
  private var real: Instant
  /// How far the wall clock is ahead of real time.
  private var ahead = TimeSpan.zero
  /// The downtimes that have begun and not ended.
  private var downtimes = 0
  /// Nil while the service is down.
  private var service: Service?
  private var runs: [Slot: Run] = [:]

  private enum Event {
    case stop
    case start
    case step(TimeSpan)
    case pause(JobName, until: Instant)
  }

  private struct Service {
    var planner: Planner
    var clock: ClockWatch

    mutating func answer(
      _ words: (inout Planner, Instant) -> [PlannerAction], _ now: Instant
    ) -> [PlannerAction] { words(&planner, now) }
  }

  private struct Run {
    var firing: Firing
    /// In real time.
    var ends: Instant
    var state: RunState
    var reason: String?
  }

  init(_ plan: ScheduleSimulation) {
    self.plan = plan
    real = plan.start
    var events: [(at: Instant, event: Event)] = []
    for time in plan.downtimes where !time.isEmpty {
      events += [(time.lowerBound, .stop), (time.upperBound, .start)]
    }
    events += plan.clockSteps.map { ($0.at, .step($0.by)) }
    events += plan.pauses.map { ($0.at, .pause($0.job, until: $0.until)) }
    events.removeAll { $0.at > plan.end }
    // Of two at one instant the earlier given first: `sort` keeps no order of equals.
    self.events = ArraySlice(
      events.enumerated()
        .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element))
  }

  private var now: Instant { real + ahead }
  private var uptime: TimeSpan { real - plan.start }

  /// Lives through all of it, and finishes what runs at the end.
  mutating func live() {
    while true {
      turn()
      let next = nextTime
      guard next <= plan.end else { break }
      real = next
    }
    real = plan.end
    turn()
    drain()
    while let next = runs.values.map(\.ends).min() {
      real = max(real, next)
      endRuns()
    }
  }

  /// When something happens next. Between such times the real loop wakes every 30 seconds and finds
  /// nothing to do.
  private var nextTime: Instant {
    var next = events.first?.at ?? plan.end + .milliseconds(1)
    for run in runs.values { next = min(next, run.ends) }
    if let service {
      if let wake = service.planner.nextWake { next = min(next, wake - ahead) }
    }
    return max(next, real + .milliseconds(1))
  }

  private mutating func turn() {
    while let event = events.first, event.at <= real {
      events.removeFirst()
      happen(event.event)
    }
    endRuns()
    if service?.planner.isDraining == true, runs.isEmpty { service = nil }
    if service == nil, downtimes == 0 { begin() }
    look()
    tell { $0.tick(now: $1) }
  }

  /// Tells the planner something and performs what it answers; does nothing while there is none.
  private mutating func tell(_ words: (inout Planner, Instant) -> [PlannerAction]) {
    let now = now
    guard let actions = service?.answer(words, now) else { return }
    perform(actions)
  }

  private mutating func happen(_ event: Event) {
    switch event {
    case .stop:
      downtimes += 1
      drain()
    case .start: downtimes -= 1
    case .step(let span): ahead = ahead + span
    case .pause(let job, let until):
      if service != nil {
        tell { $0.pause(job, until: until, now: $1) }
      } else if var mark = ledger.marks[job] {
        mark.pausedUntil = until
        ledger.save(mark, now: now)
      }
    }
  }

  private mutating func begin() {
    _ = ledger.setBack(now: now)
    service = Service(
      planner: ledger.planner(for: plan.schedule, workers: plan.workers, now: now),
      clock: ClockWatch(now: now, uptime: uptime))
  }

  /// Looks at both clocks, and takes back what is from the future. The rehearsal is on paper, where
  /// jobs that place orders go on by themselves.
  private mutating func look() {
    let (now, uptime) = (now, uptime)
    guard let jump = service?.clock.look(now: now, uptime: uptime), jump < .zero,
      ledger.setBack(now: now)
    else { return }
    let (marks, debts) = (ledger.marks.values.sorted { $0.job < $1.job }, ledger.debts)
    tell { $0.setBack(marks: marks, debts: debts, now: $1) }
  }

  private mutating func drain() {
    tell { $0.drain(now: $1) }
  }

  private mutating func endRuns() {
    while let (slot, run) = runs.filter({ $0.value.ends <= real }).min(by: {
      ($0.value.ends, $0.key) < ($1.value.ends, $1.key)
    }) {
      runs[slot] = nil
      let due = ledger.finish(
        slot, run.state, reason: run.reason, followers: run.firing.followers, now: now)
      tell { $0.handle(.finished(slot, run.state, due: due), now: $1) }
    }
  }

  private mutating func perform(_ actions: [PlannerAction]) {
    var actions = actions[...]
    while let action = actions.popFirst() {
      switch action {
      case .start(let firing):
        let now = now
        if let event = start(firing) {
          actions += service?.answer({ $0.handle(event, now: $1) }, now) ?? []
        }
      case .record(let slot, let trigger, let state, let reason):
        ledger.record(slot, trigger, state, reason, now: now)
      case .saveMark(let mark): ledger.save(mark, now: now)
      }
    }
  }

  /// Claims a slot. Returns what the planner must be told when it was not to be had.
  private mutating func start(_ firing: Firing) -> PlannerEvent? {
    if case .refused(let obstacle) = ledger.claim(firing, now: now) {
      return .couldNotStart(firing.slot, because: obstacle)
    }
    var (took, state, reason) = plan.runs.outcome(of: firing)
    if let stale = staleNeed(of: firing) {
      (took, state, reason) = (.milliseconds(1), .skipped, stale)
    }
    runs[firing.slot] = Run(firing: firing, ends: real + took, state: state, reason: reason)
    return nil
  }

  /// Which of the firing's needs is not fresh enough, as the runner judges it.
  private func staleNeed(of firing: Firing) -> String? {
    for (job, age) in firing.policy.needs.sorted(by: { $0.key < $1.key }) {
      guard let success = ledger.marks[job]?.lastSuccess else {
        return "needs \(job), which has never succeeded"
      }
      if now - success.ended > age {
        return "needs \(job) within \(age), but it last succeeded at \(success.ended)"
      }
    }
    return nil
  }
}
