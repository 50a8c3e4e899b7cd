import Domain
import Jobs
import Logging
import Scheduler
import Store

/// Which jobs do at once what a halt demands beyond sending nothing: a value.
///
/// A halt is everybody's, whoever orders it: a limit that one account passes halts trading, and its
/// `cancel-orders` and `flatten` are those of `carillon halt`, which takes back what works of every
/// account at once. Without this, the others' orders would rest until their own next rebalance.
struct HaltErrands {
  /// A job that trades an account.
  struct Trader: Hashable {
    /// The job.
    var job: JobName
    /// The account.
    var account: String
    /// Whether it cannot be started: it runs, and takes back by itself, or a person has paused it.
    var isHeld = false
  }

  private static let command = "cli"

  private var since: Instant?
  private var level = Halt.Level.noNew
  /// Who was sent for this halt already. Each goes once: what is still owed then is shown by
  /// `carillon halt status`, and the next rebalance does it.
  private var sent: Set<JobName> = []
  /// The runs that only obey.
  private(set) var slots: Set<Slot> = []

  /// The jobs to start now: one of each account of which something is owed. Each job knows the rules of
  /// its own venue, so that where one leaves something, the next is sent.
  mutating func next(_ halt: Halt?, owed: [HaltDebt], traders: [Trader]) -> [JobName] {
    // What a person halts by the command, the command does itself, and tells what is owed.
    guard let halt, halt.level > .noNew, halt.source != Self.command else {
      (since, sent) = (nil, [])
      return []
    }
    if halt.since != since || halt.level != level {
      (since, level, sent) = (halt.since, halt.level, [])
    }
    return owed.compactMap { debt in
      let own = traders.filter { $0.account == debt.account }
      guard let next = own.first(where: { !sent.contains($0.job) }), !next.isHeld else {
        return nil
      }
      sent.insert(next.job)
      return next.job
    }
  }

  /// A run obeys, and does no more.
  mutating func begin(_ slot: Slot) { slots.insert(slot) }

  /// A run has ended.
  mutating func end(_ slot: Slot) { slots.remove(slot) }
}

extension Daemon {
  /// Starts what a halt in force demands of any account and is not done.
  ///
  /// - Returns: the runs that were claimed: start each.
  mutating func obeyHalt(now: Instant) throws -> [ClaimedRun] {
    guard !planner.isDraining else { return [] }
    let (halt, owed) = try store.read { (try $0.halts.recorded(), try $0.halts.owed()) }
    // Nothing is owed at nearly each look, and then no job is looked through.
    let traders = owed.isEmpty ? [] : traders()
    var claimed: [ClaimedRun] = []
    for name in errands.next(halt, owed: owed, traders: traders) {
      let slot = Slot(job: name, time: now)
      errands.begin(slot)
      log.warning("a halt wants orders back", metadata: ["job": "\(name)"])
      claimed += try perform(
        planner.handle(
          .asked(slot, latestStart: schedule.latestStart(of: name, slot: now)), now: now),
        now: now)
    }
    return claimed
  }

  private func traders() -> [HaltErrands.Trader] {
    let busy = Set((planner.inFlight + planner.waiting.map(\.slot)).map(\.job))
    return schedule.jobs.compactMap { scheduled in
      guard let job = job(scheduled.name) as? any PlanningJob, let account = job.account else {
        return nil
      }
      return HaltErrands.Trader(
        job: scheduled.name, account: account,
        isHeld: busy.contains(scheduled.name) || planner.pausedUntil(scheduled.name) != nil)
    }
  }

  /// The job of a run, as it is to be done.
  func job(of run: ClaimedRun) -> (any Job)? {
    let job = job(run.firing.slot.job)
    guard errands.slots.contains(run.firing.slot) else { return job }
    return (job as? any PlanningJob)?.obeyingHalt() ?? job
  }
}
