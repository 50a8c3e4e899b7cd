public import Domain
import Scheduler
public import Store

/// Why a slot ran, did not run, or has not fallen due, in words: from the ledger where it has a row,
/// else from the parents' rows, the cadence and the marks.
public struct SlotExplanation: Sendable {
  /// What became of a slot.
  public enum Verdict: String, CaseIterable, Sendable {
    /// It has a final state.
    case ended
    /// It runs.
    case running
    /// It is owed an attempt, or waits for its start.
    case waiting
    /// A job before it did not succeed at this slot.
    case notDue = "not-due"
    /// It has yet to come.
    case future
    /// The cadence does not define it.
    case noSlot = "no-slot"
    /// It is from before the job began, or was seen by no service.
    case beforeBeginning = "before-beginning"
  }

  /// The slot.
  public let slot: Slot
  /// What became of it.
  public private(set) var verdict = Verdict.ended
  /// Why: the answer first, then what it hangs on.
  public private(set) var sentences: [String] = []
  /// The ledger's row, if there is one.
  public let run: RunRecord?
  /// The slot of the cadence before it.
  public private(set) var previous: Instant?
  /// The slot of the cadence after it.
  public private(set) var next: Instant?

  private let facts: SlotFacts

  /// Explains.
  public init(of facts: SlotFacts) {
    (self.facts, slot, run) = (facts, facts.slot, facts.rows[facts.slot.job])
    let cadence = facts.schedule.cadence(of: slot.job)
    previous = cadence?.previous(before: slot.time)
    next = cadence?.next(after: slot.time)
    if let run { explain(run) } else { explainWithoutRow() }
  }

  // What has a row.

  private mutating func explain(_ run: RunRecord) {
    sentences.append("\(slot) \(Self.words(run))")
    verdict = run.state == .running ? .running : run.state.isDebt ? .waiting : .ended
    let job = facts.schedule[slot.job]
    switch run.trigger {
    case .manual: sentences.append("it was run by hand")
    case .catchup: sentences.append("it fell due while nothing was running")
    case .cron: if let job { sentences.append("it fell due by \(job.reason)") }
    case .after: if let job { sentences.append("it falls due \(job.reason)") }
    }
    if run.state == .skipped, run.cause == .paused,
      let pause = pause(before: run)
    {
      sentences.append(pause)
    }
    if run.state.isDebt, run.trigger != .manual,
      let latest = facts.schedule.latestStart(of: slot.job, slot: slot.time)
    {
      sentences.append(
        latest < facts.now
          ? "its latest start was \(latest): it will end missed" : "it may start until \(latest)")
    }
    if run.state.isDebt, run.trigger == .manual {
      sentences.append("to drop it: carillon job cancel \(run.id)")
    }
    if run.ahead != nil {
      sentences.append("it was run under a clock that was ahead, and is passed in its time")
    }
    if run.state.isDebt, !facts.isServed {
      sentences.append("nothing runs on the database: the next `carillon run` takes it up")
    }
    guard run.state != .succeeded else { return }
    for parent in job?.parents ?? [] {
      guard let row = facts.rows[parent], row.state != .succeeded else { continue }
      sentences.append("\(row.slot) \(Self.words(row))")
    }
  }

  /// Who paused the job of a run, and why: from the audit.
  private func pause(before run: RunRecord) -> String? {
    let beginning = "\(slot.job): \(OperatorAnswer.Outcome.done.rawValue): "
    return facts.pauses.first { $0.time <= run.created && $0.text.hasPrefix(beginning) }.map {
      "asked for by a person at \($0.time): \($0.text.dropFirst(beginning.count))"
    }
  }

  /// What became of a run.
  static func words(_ run: RunRecord) -> String {
    let reason = run.reason.map { ": \($0)" } ?? ""
    let tries = run.attempts > 1 ? ", \(run.attempts) attempts" : ""
    let name = "(run \(run.id)\(tries))"
    let took = run.duration.map { " after \($0)" } ?? ""
    return switch run.state {
    case .succeeded: "ran and succeeded\(took)\(reason) \(name)"
    case .failed, .timedOut:
      "\(run.attempts > 0 ? "ran and ended" : "ended") \(run.state)\(took)\(reason) \(name)"
    case .skipped, .coalesced, .missed: "did not run: \(run.state)\(reason) (run \(run.id))"
    case .running: "runs since \(run.started ?? run.created) \(name)"
    case .deferred, .interrupted:
      "is owed \(run.attempts > 0 ? "another" : "an") attempt: \(run.state)\(reason) \(name)"
    }
  }

  // What has none.

  private mutating func explainWithoutRow() {
    guard let job = facts.schedule[slot.job],
      let cadence = facts.schedule.cadence(of: slot.job)
    else {
      verdict = .noSlot
      sentences = ["no job named \(slot.job) is in the schedule, and the ledger has no such slot"]
      return
    }
    guard cadence.next(after: slot.time - .milliseconds(1)) == slot.time else {
      return explainNoSlot(cadence)
    }
    if slot.time > facts.now { return explainFuture(job) }
    if !job.parents.isEmpty, explainParents(of: job) { return }
    let since = [job] + facts.schedule.ancestors(of: job.name)
    let began = since.compactMap { facts.marks[$0.name]?.since }.max()
    guard let began, since.allSatisfy({ facts.marks[$0.name] != nil }) else {
      verdict = .beforeBeginning
      sentences = ["no service has run with \(job.name) in its schedule yet, so it has no past"]
      return
    }
    if slot.time <= began {
      verdict = .beforeBeginning
      sentences = [
        "\(slot) is from before the job began: its timing holds since \(began) (first seen, edited, "
          + "or resumed), and what was before is never caught up"
      ]
      return
    }
    explainWaiting(job)
  }

  /// Whether the rows of the jobs before it tell why a follower has none.
  private mutating func explainParents(of job: ScheduledJob) -> Bool {
    let before = facts.schedule.ancestors(of: job.name).compactMap { facts.rows[$0.name] }
    // Where nothing of the chain has a row, the slot of its head tells.
    guard !before.isEmpty else { return false }
    let blockers = job.parents.filter { facts.rows[$0]?.state != .succeeded }
    let hasFailed = before.contains { $0.state.isFinal && $0.state != .succeeded }
    let isOpen = before.contains { !$0.state.isFinal } && !hasFailed
    verdict = isOpen ? .waiting : .notDue
    guard !blockers.isEmpty else {
      let parent = before[0]
      sentences = [
        "\(slot) never fell due: "
          + (parent.trigger == .manual
            ? "\(parent.slot.job) was run by hand, without --chain"
            : "when \(parent.slot.job) succeeded, \(job.name) did not follow it")
      ]
      return true
    }
    sentences = [
      isOpen
        ? "\(slot) has not fallen due yet: it waits for "
          + blockers.map(\.text).joined(separator: " and ")
        : "\(slot) did not fall due: it needs "
          + job.parents.map(\.text).joined(separator: " and ") + " to succeed at this slot"
    ]
    for blocker in blockers {
      var question = facts
      question.slot = Slot(job: blocker, time: slot.time)
      if let row = facts.rows[blocker] {
        sentences.append("\(row.slot) \(Self.words(row))")
      } else {
        sentences += SlotExplanation(of: question).sentences
      }
    }
    return true
  }

  private mutating func explainFuture(_ job: ScheduledJob) {
    verdict = .future
    let distance = (slot.time - facts.now).rounded
    sentences = [
      job.parents.isEmpty
        ? "\(slot) has yet to come: it falls due in \(distance), by \(job.reason)"
        : "\(slot) has yet to come: \(job.head) falls due in \(distance), and \(job.name) runs "
          + job.reason
    ]
    if job.offset > .zero {
      sentences.append("jitter moves its start to \(slot.time + job.offset)")
    }
    if let pause = facts.pause(of: job.name, at: slot.time) {
      sentences.append("but it will not run: \(pause)")
    }
  }

  /// A slot of the past that is not decided on: the head's queue waits without rows.
  private mutating func explainWaiting(_ job: ScheduledJob) {
    verdict = .waiting
    let head = facts.schedule.head(of: job.name) ?? job
    let start = slot.time + head.offset
    if start > facts.now {
      sentences = ["\(slot) has come; jitter moves the start of \(head.name) to \(start)"]
    } else if facts.isServed {
      sentences = ["\(slot) is due and waits: for a worker, its group, or the run before it"]
      if !job.parents.isEmpty { sentences = ["\(slot) waits for \(head.name), which is due"] }
    } else {
      sentences = ["\(slot) fell due while nothing ran: the next `carillon run` decides on it"]
      sentences.append("of such slots of \(head.name), \(Self.words(head.catchup))")
    }
    if let pause = facts.pause(of: job.name, at: slot.time) { sentences.append(pause) }
  }

  private static func words(_ catchup: Catchup) -> String {
    switch catchup {
    case .latest: "the newest runs (catchup: latest)"
    case .none: "none runs (catchup: none)"
    case .all: "all run (catchup: all)"
    }
  }

  private mutating func explainNoSlot(_ cadence: Cadence) {
    verdict = .noSlot
    let owner = facts.schedule.head(of: slot.job)?.name ?? slot.job
    sentences = [
      "\(slot.time) is no slot of \(slot.job): "
        + (owner == slot.job
          ? "it runs by \(cadence)" : "\(owner), which leads its chain, runs by \(cadence)")
    ]
    if let reason = CalendarVerdict(cadence, at: slot.time)?.words { sentences.append(reason) }
    for effect in cadence.effects(near: slot.time) { sentences.append("\(effect)") }
    let neighbours = [
      previous.map { "the previous is \($0)" } ?? "there is none before",
      next.map { "the next \($0)" } ?? "none comes after",
    ]
    sentences.append(neighbours.joined(separator: ", "))
  }
}
