import Domain
import Jobs
import Scheduler
import Store
import Testing

@testable import Service

/// A job that places orders on an account, or none.
private struct Worker: Job {
  let kind: JobKind
  let account: String?

  func run(_ context: JobContext) async throws -> JobResult { JobResult(summary: "nothing") }
}

@Suite struct HandRunTests {
  /// A quarter past a slot of every hour.
  private static let now = ServiceFolder.start + .minutes(15)

  /// Seconds from now, whether orders are placed, whether a person insists, and the exit code of the
  /// refusal. Orders of every hour may be late by a quarter of it.
  @Test(
    arguments: [
      (0, false, false, nil), (2, false, false, nil), (3, false, false, .usage),
      (3, false, true, .usage), (31_536_000, true, true, .usage), (-31_536_000, false, false, nil),
      (-900, true, false, nil), (-901, true, false, .refused), (-901, true, true, nil),
      (-31_536_000, true, false, .refused),
    ] as [(Int64, Bool, Bool, Domain.ExitCode?)])
  func aSlotMayBeOfThePast(
    _ seconds: Int64, _ placesOrders: Bool, _ force: Bool, _ exit: Domain.ExitCode?
  ) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let kind = placesOrders ? "rebalance" : "fetch"
    let schedule = try Schedule.parse(
      "version: 1\njobs:\n  a: { job: \(kind), every: 1h }\n", file: "f")
    let name = try #require(JobName("a"))
    let job = Worker(kind: .fetch, account: placesOrders ? "main" : nil)
    var found: Domain.ExitCode?
    do {
      try HandRun.check(
        [name], at: Self.now + .seconds(seconds), in: schedule, [name: job], store, force: force,
        now: Self.now)
    } catch let fault as Fault {
      found = fault.exit
    }
    #expect(found == exit)
    try store.close()
  }

  /// The service doubts the clock, or did when it stopped: orders are refused with the way out.
  @Test(
    arguments: [
      (true, true, false, .refused), (true, true, true, nil), (true, false, false, nil),
      (false, true, false, nil),
    ] as [(Bool, Bool, Bool, Domain.ExitCode?)])
  func ordersWaitForTheClockToBeTrusted(
    _ isDoubted: Bool, _ placesOrders: Bool, _ force: Bool, _ exit: Domain.ExitCode?
  ) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let schedule = try Schedule.parse(
      "version: 1\njobs:\n  a: { job: rebalance, every: 1h }\n", file: "f")
    let name = try #require(JobName("a"))
    let job = Worker(kind: .fetch, account: placesOrders ? "main" : nil)
    try store.write(at: Self.now) {
      try $0.service.tell(.clockSuspicion, isDoubted ? "it leapt forward by 5h" : nil)
    }
    func found() throws -> Fault? {
      do {
        try HandRun.check(
          [name], at: Self.now, in: schedule, [name: job], store, force: force, now: Self.now)
      } catch let fault as Fault {
        return fault
      }
      return nil
    }
    let fault = try found()
    #expect(fault?.exit == exit)
    guard exit != nil else { return try store.close() }
    #expect(fault?.cause.contains("it leapt forward by 5h") == true)
    #expect(fault?.remedy?.contains("carillon schedule trust-clock --reason TEXT") == true)
    // A person says that it is right, while no service runs.
    let answer = try StoppedService.carryOut(
      .trustClock(reason: "looked"), store, schedule, now: Self.now + .seconds(1))
    #expect(answer?.outcome == .done)
    #expect(try found() == nil)
    try store.close()
  }

  /// Cut at the keyboard it is over, and no planner is told of a debt.
  @Test func aRunThatIsCutByHandIsOver() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let lock = try ProcessLock.acquire(beside: folder.database, purpose: "test", now: Self.now)
    let slot = Slot(job: try #require(JobName("fetch")), time: Self.now)
    try store.write(at: Self.now) { transaction in
      let firing = Firing(slot: slot, trigger: .manual, policy: JobPolicy(kind: .fetch))
      guard
        case .claimed(let run, let attempt) = try transaction.runs.claim(
          firing, holder: lock.holder)
      else { return }
      try transaction.runs.finish(run: run, attempt: attempt, state: .interrupted)
    }
    #expect(try HandRun.end(slot, store, now: Self.now))
    let row = try #require(try store.read { try $0.runs.run(slot) })
    #expect(row.state == .skipped)
    #expect(row.reason == "cancelled by hand: at the keyboard")
    #expect(try store.read { try $0.runs.debts() }.isEmpty)
    try store.close()
  }
}
