import Disk
import Domain
import Glibc
import Scheduler
import Service
import Store
import Testing

/// What is found in real files, beside a daemon and without one.
@Suite struct HealthSurveyTests {
  @Test func nothingRuns() throws {
    let folder = try ServiceFolder()
    let facts = folder.survey.look(now: ServiceFolder.start)
    #expect(facts.databaseFault == nil)
    #expect(!facts.scheduler.isHeld)
    #expect(facts.schedule?.jobs.count == 2)
    #expect(facts.marks.count == 2)
    #expect(facts.disk != nil)
    #expect(HealthReport(of: facts).status == .fail)
  }

  @Test func theScheduleOfARunningDaemonIsTheOneItFollows() throws {
    let folder = try ServiceFolder()
    let lock = try DaemonLock.acquire(folder.database, now: ServiceFolder.start)
    try TextFile.create(folder.schedulesFile, "version: 1\njobs: { fecth: [] }", replace: true)
    let facts = folder.survey.look(now: ServiceFolder.start)
    #expect(facts.scheduler.isHeld)
    #expect(facts.scheduler.heldSince == ServiceFolder.start)
    #expect(facts.schedule?.jobs.map(\.name.text) == ["fetch", "compute"])
    #expect(HealthReport(of: facts).status == .pass)
    withExtendedLifetime(lock) {}
  }

  @Test func withoutADaemonItIsTheFile() throws {
    let folder = try ServiceFolder()
    try TextFile.create(folder.schedulesFile, "version: 1\njobs: { fecth: [] }", replace: true)
    let facts = folder.survey.look(now: ServiceFolder.start)
    #expect(facts.schedule == nil)
    #expect(facts.scheduleTrouble?.contains("schedules.yaml:2") == true)
  }

  @Test func whatTheDaemonToldIsFound() throws {
    let folder = try ServiceFolder()
    let lock = try DaemonLock.acquire(folder.database, now: ServiceFolder.start)
    let store = try Store.open(folder.database, mode: .readWrite)
    try store.write(at: ServiceFolder.start) { transaction in
      try transaction.service.tell(.reloadError, "line 3 is wrong")
      try transaction.service.tell(.clockSuspicion, "it shows 1970")
      try transaction.halts.begin(.noNew, reason: "model drift", source: "cli")
    }
    let report = HealthReport(of: folder.survey.look(store, now: ServiceFolder.start))
    #expect(report.status == .warn)
    #expect(
      report.checks.filter { $0.status == .warn }.map(\.name) == ["schedule", "halt", "clock"])
    try store.close()
    withExtendedLifetime(lock) {}
  }

  @Test func aRunWhoseProcessIsGoneDoesNotCount() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let slot = Slot(job: JobName("fetch")!, time: ServiceFolder.start)
    let firing = Firing(
      slot: slot, trigger: .cron, policy: JobPolicy(kind: .fetch), latestStart: nil, followers: [])
    var lock: ProcessLock? = try ProcessLock.acquire(
      beside: folder.database, purpose: "test", now: ServiceFolder.start)
    let holder = try #require(lock?.holder)
    try store.write(at: ServiceFolder.start) {
      guard case .claimed = try $0.runs.claim(firing, holder: holder) else {
        Issue.record("the slot was not claimed")
        return
      }
    }
    #expect(
      folder.survey.look(store, now: ServiceFolder.start).running
        == [.init(slot: slot, started: ServiceFolder.start)])
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(folder.survey.look(store, now: ServiceFolder.start).running.isEmpty)
    try store.close()
  }

  @Test func noDatabaseIsAnAnswer() throws {
    let folder = try ServiceFolder()
    #expect(unlink(folder.database) == 0)
    let facts = folder.survey.look(now: ServiceFolder.start)
    #expect(facts.databaseFault?.exit == .noInput)
    let report = HealthReport(of: facts)
    #expect(report.checks.map(\.name) == ["database", "scheduler", "disk", "schedule"])
    #expect(report.status == .fail)
  }

  @Test func aDamagedDatabaseIsAnAnswer() throws {
    let folder = try ServiceFolder()
    try TextFile.create(
      folder.database, String(repeating: "no database of ours ", count: 500), replace: true)
    let facts = folder.survey.look(now: ServiceFolder.start)
    #expect(facts.databaseFault?.exit == .data)
  }
}
