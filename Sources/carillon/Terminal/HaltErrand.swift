import Domain
import Jobs
import Scheduler
import Service
import Store

/// Does at once what a halt demands beyond sending nothing: a run of a rebalance job for each account of
/// which something is owed, through the same code that trades.
struct HaltErrand {
  let options: GlobalOptions

  /// How long a rebalance that runs is waited for; it takes back by itself what the halt wants back.
  private static let patience = TimeSpan.seconds(30)

  /// Does what can be done, and tells what came of each account.
  ///
  /// - Returns: what is still owed, in words. Nothing is thrown: the halt itself holds.
  func run(on worker: WorkerThread) async -> [String] {
    var debts: [HaltDebt] = []
    do {
      debts = try owed(try DatabaseLocation(options).path)
      guard !debts.isEmpty else { return [] }
      return try await pay(debts.map(\.account), on: worker).map(\.description)
    } catch {
      return (debts.isEmpty ? ["all of it"] : debts.map(\.description)).map { "\($0) (\(error))" }
    }
  }

  /// What is owed, by a database of whose settings nothing else must be sound.
  private func owed(_ database: String) throws -> [HaltDebt] {
    let store = try Store.open(database, mode: .readOnly)
    let debts = try store.read { try $0.halts.owed() }
    try store.close()
    return debts
  }

  private func pay(_ accounts: [String], on worker: WorkerThread) async throws -> [HaltDebt] {
    let workspace = try Workspace(options)
    let (store, lock) = try workspace.openForWriting("carillon halt")
    let schedule = try workspace.schedule()
    let planned = try PlannedJobs(of: schedule, try workspace.catalog())
    let (time, log) = (SystemTime(), workspace.logger())
    let runner = Runner(
      store: store, holder: lock.holder, time: time, conditions: try workspace.conditions(),
      log: log)
    let interruption = Interruption { [runner] in runner.interrupt() }
    defer { interruption.end() }
    for account in accounts {
      // Each job knows the rules of its own venue: where one leaves something, the next is asked.
      for (name, job) in planned.of(account: account) {
        guard try isOwed(account, store), interruption.signal == nil else { break }
        let slot = time.now
        guard
          let firing = schedule.firing(
            of: name, slot: slot, trigger: .manual,
            latestStart: schedule.latestStart(of: name, slot: slot))
        else { continue }
        let end = try await end(of: firing, job.obeyingHalt(), runner, time, on: worker) {
          interruption.signal != nil
        }
        Console.say("  \(account): \(end)")
      }
    }
    let left = try store.read { try $0.halts.owed() }
    RequestBell(database: store.path).ringIfHeard()
    try store.close()
    withExtendedLifetime(lock) {}
    return left
  }

  private func isOwed(_ account: String, _ store: Store) throws -> Bool {
    try store.read { try $0.halts.owed() }.contains { $0.account == account }
  }

  /// Runs a job, and says what came of it.
  private func end(
    of given: Firing, _ job: any Job, _ runner: Runner, _ time: SystemTime, on worker: WorkerThread,
    isCut: () -> Bool
  ) async throws -> String {
    var firing = given
    firing.followers = []
    let limit = time.uptime + Self.patience
    while true {
      switch try runner.claim(firing, force: false) {
      case .claimed(let run, let attempt):
        let end = try await runner.run(
          ClaimedRun(firing: firing, run: run, attempt: attempt), job: job, on: worker)
        if end.state == .succeeded {
          return [end.result?.caveat, end.result?.summary].compactMap(\.self)
            .joined(separator: "; ")
        }
        return "not done: \(end.fault.map { "\($0)" } ?? end.reason ?? "\(end.state)")"
      case .busy(let other), .groupBusy(let other):
        guard time.uptime < limit, !isCut() else {
          return "not done: \(other.slot.job) is already running (run \(other.id))"
        }
        try await time.sleep(for: .milliseconds(200))
      case let other: return "not done: \(other)"
      }
    }
  }
}
