import ArgumentParser
import Domain
import Jobs
import Logging
import Scheduler
import Service
import Store

/// Runs jobs by hand, one after the other, and tells of each as it ends.
struct HandRuns {
  let runner: Runner
  let store: Store
  let schedule: Schedule
  let jobs: [JobName: any Job]
  let time: SystemTime
  let log: Logger
  var report: JobRunReport
  /// Whether a slot that has ended is run again, and orders may be late.
  var isForced = false
  /// How long another run of the job is waited for.
  var patience = TimeSpan.zero
  /// What would follow, had it been asked for.
  var followers: [JobName] = []

  /// Runs the jobs at a slot until one does not succeed.
  ///
  /// - Throws: exit 1 when one failed, 130 or 143 when it was cut.
  mutating func run(_ names: [JobName], at slot: Instant, on worker: WorkerThread) async throws {
    let interruption = Interruption { [runner] in runner.interrupt() }
    defer { interruption.end() }
    let usual = try store.read { [schedule] in try LearnedDurations(of: schedule, in: $0) }.jobs
    var names = names
    // However it ends, what has run is told, as text and as JSON.
    defer {
      report.close()
      // What ended may be something that people are told of.
      RequestBell(database: store.path).ringIfHeard()
    }
    while !names.isEmpty {
      let name = names.removeFirst()
      guard let job = jobs[name],
        var firing = schedule.firing(
          of: name, slot: slot, trigger: .manual,
          latestStart: job.account == nil || isForced
            ? nil : schedule.latestStart(of: name, slot: slot))
      else { preconditionFailure("a job of the schedule has a firing") }
      firing.followers = []
      guard let claimed = try await claim(firing) else {
        report.alreadyDone(firing.slot)
        continue
      }
      // What was waited for another run is no part of this one.
      let began = time.uptime
      report.begin(claimed)
      let follower =
        report.output.json
        ? nil : RunFollower(claimed: claimed, store: store, usual: usual[name]?.median)
      let listener = CancelListener(firing.slot, store, runner, log: log, now: time.now)
      let end = try await listener.during(time) { [runner, time] in
        guard let follower else { return try await runner.run(claimed, job: job, on: worker) }
        return try await follower.during(time) {
          try await runner.run(claimed, job: job, on: worker)
        }
      }
      report.add(claimed, end, took: time.uptime - began)
      report.notStarted = names
      if let number = interruption.signal {
        let isOver =
          end.state.isFinal ? true : try HandRun.end(firing.slot, store, now: time.now)
        report.cut(claimed, isOver: isOver)
        throw ArgumentParser.ExitCode(Domain.ExitCode.cut(by: number))
      }
      if end.state.isDebt { report.owed(claimed) }
      guard end.state == .succeeded else {
        throw leave(end.fault.map { $0.exit == .internal ? .internal : .no } ?? .no)
      }
    }
    report.followers = followers
  }

  /// Claims the slot, waiting for another run to end for as long as was asked. Nil when the slot had
  /// succeeded before.
  private func claim(_ firing: Firing) async throws -> ClaimedRun? {
    let limit = time.uptime + patience
    var isTold = false
    while true {
      switch try runner.claim(firing, force: isForced) {
      case .claimed(let run, let attempt):
        return ClaimedRun(firing: firing, run: run, attempt: attempt)
      case .already(let record) where record.state == .succeeded:
        return nil
      case .already(let record):
        throw Fault(
          "run", "\(firing.slot)",
          cause: "the slot has ended: \(record.state)"
            + (record.reason.map { " (\($0))" } ?? ""),
          remedy:
            "run it again: carillon job run \(firing.slot.job) --at \(firing.slot.time) --force",
          exit: .no)
      case .busy(let other), .groupBusy(let other):
        guard time.uptime < limit else {
          let age = other.started.map { ", \((time.now - $0).rounded)" } ?? ""
          throw Fault(
            "run", "\(firing.slot.job)",
            cause: "\(other.slot.job) is already running (run \(other.id)\(age))",
            remedy: "wait for it:  carillon job run \(firing.slot.job) --wait 60s", exit: .tryAgain,
            isTransient: true)
        }
        if !isTold { Console.say("waiting for run \(other.id) of \(other.slot.job) to end") }
        isTold = true
        try await time.sleep(for: .milliseconds(200))
      case .early:
        throw HandRun.notYet(firing.slot.time, now: time.now)
      case .pruned:
        throw Fault(
          "run", "\(firing.slot)",
          cause: "what became of it, or of a newer slot, was pruned: it may have run",
          remedy: "run it all the same: "
            + "carillon job run \(firing.slot.job) --at \(firing.slot.time) --force",
          exit: .no)
      case .tooLate:
        throw Fault(
          "run", "\(firing.slot)", cause: "it is too late for its orders",
          remedy: "carillon job run \(firing.slot.job)", exit: .refused)
      case .crashedTooOften:
        throw Fault(
          "run", "\(firing.slot)", cause: "each attempt at this slot took its process down",
          remedy: "carillon job run \(firing.slot.job) --at \(firing.slot.time) --force", exit: .no)
      }
    }
  }
}
