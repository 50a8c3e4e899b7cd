import Disk
import Domain
import Jobs
import Scheduler
import Store
import Testing

@testable import Service

/// What the loop makes of edits, of a storage that refuses, and of signals.
@Suite struct ServiceLoopTests {
  private static let noon = ServiceFolder.start
  private static let fetch = JobName("fetch")!
  private static let hourly = "fetch: { every: 1h }\ncompute: { after: fetch }"

  private func sight(_ jobs: String) -> ServiceLoop.Surroundings {
    ServiceLoop.Surroundings(
      schedule: .contents(ScheduleFollower.Contents(text: ServiceBench.text(jobs))))
  }

  // Edits.

  @Test func anEditIsFollowedAndAMistakeIsTakenBackWhenItIsUndone() throws {
    let bench = try ServiceBench(Self.hourly, at: Self.noon)
    try bench.turn(at: Self.noon, seeing: sight("fetch: { every: 1m }"))
    #expect(bench.loop.daemon.schedule.jobs.count == 1)
    try bench.turn(at: Self.noon + .seconds(1), seeing: sight("fetch: { every: never }"))
    #expect(bench.loop.daemon.schedule.jobs.count == 1)
    #expect(try bench.fact(.reloadError)?.contains("never") == true)
    try bench.turn(at: Self.noon + .seconds(2), seeing: sight("fetch: { every: 1m }"))
    #expect(try bench.fact(.reloadError) == nil)
    #expect(try bench.store.read { try $0.audit.latest(limit: 9, kind: "reload") }.count == 1)
    // What the one reload changed stays told: compute is gone, fetch fires each minute.
    let difference = try #require(try bench.fact(.scheduleDifference))
    #expect(difference.contains("compute") && difference.contains("fetch"))
  }

  @Test func aFolderThatVanishesWarnsAndEndsNothing() throws {
    let bench = try ServiceBench(Self.hourly, at: Self.noon)
    let fault = Fault("look at", "s.yaml", cause: "Stale file handle", exit: .io)
    var seen = ServiceLoop.Surroundings(schedule: .unreadable(fault))
    seen.settings = .failure(fault)
    try bench.turn(at: Self.noon, seeing: seen)
    #expect(bench.exit == nil)
    #expect(try bench.fact(.reloadError) == fault.description)
    try bench.turn(at: Self.noon + .hours(1), seeing: sight(Self.hourly))
    #expect(try bench.fact(.reloadError) == nil)
    #expect(bench.claimed == [Slot(job: Self.fetch, time: Self.noon + .hours(1))])
  }

  @Test func brokenSettingsAreToldAsBroken() throws {
    let settings = SettingsFollower(path: "carillon.yaml", text: "a") {
      $0 == "bad" ? "line 1: bad" : nil
    }
    let bench = try ServiceBench(Self.hourly, at: Self.noon, settings: settings)
    func facts(_ text: String, _ second: Int64) throws -> [String?] {
      try bench.turn(
        at: Self.noon + .seconds(second),
        seeing: ServiceLoop.Surroundings(settings: .success(text)))
      return [try bench.fact(.settingsChanged), try bench.fact(.settingsBroken)]
    }
    #expect(try facts("bad", 1) == [nil, "line 1: bad"])
    #expect(try facts("b", 2) == ["carillon.yaml", nil])
    #expect(try facts("a", 3) == [nil, nil])
  }

  @Test func aReloadByHandWaitsForTheAnswerAndShowsTheDifference() throws {
    let bench = try ServiceBench(Self.hourly, at: Self.noon)
    try bench.turn(at: Self.noon)
    func ask(_ jobs: String, _ second: Int64) throws -> OperatorAnswer? {
      let now = Self.noon + .seconds(second)
      let id = try bench.store.write(at: now) {
        try $0.requests.append(OperatorRequest.reload.verb, "schedule", detail: nil)
      }
      // The files look unchanged unless they are read on purpose.
      try bench.turn(at: now) { isForced, _ in isForced ? sight(jobs) : .init() }
      return try bench.store.read { try $0.requests.request(id) }
        .flatMap { OperatorAnswer($0) }
    }
    let same = try ask(Self.hourly, 1)
    #expect(
      same?.words.hasSuffix("is followed now:\n2 jobs unchanged") == true,
      "\(String(describing: same))")
    let changed = try #require(try ask("fetch: { every: 1h }", 2))
    #expect(changed.outcome == .done && changed.words.contains("compute"))
    let refused = try #require(try ask("fetch: { every: never }", 3))
    #expect(refused.outcome == .refused && refused.words.contains("never"))
    #expect(try ask("fetch: { every: 1h }", 4)?.outcome == .done)
  }

  /// Who rings does not overtake: in the very turn in which a slot falls due it has started before what
  /// was asked is looked at. What was asked while nothing ran comes before what fell due meanwhile.
  @Test(arguments: [(true, .done), (false, .refused)] as [(Bool, OperatorAnswer.Outcome)])
  func whatIsDueStartsBeforeWhatIsAsked(
    _ hasTurned: Bool, _ outcome: OperatorAnswer.Outcome
  ) throws {
    let bench = try ServiceBench(Self.hourly, at: Self.noon)
    if hasTurned { try bench.turn(at: Self.noon) }
    let slot = Slot(job: Self.fetch, time: Self.noon + .hours(1))
    // What has not fallen due cannot be cancelled.
    let answer = try bench.ask(.cancel(slot, reason: nil), at: slot.time)
    #expect(answer?.outcome == outcome)
    #expect(bench.claimed == [slot])
  }

  @Test func aHangUpInADrainReadsNothing() throws {
    let bench = try ServiceBench(Self.hourly, at: Self.noon)
    try bench.turn(at: Self.noon + .hours(1))
    try bench.turn(at: Self.noon + .hours(1), [.stop])
    try bench.turn(at: Self.noon + .hours(1), [.reload]) { _, _ in
      Issue.record("a drain follows no edits")
      return .init()
    }
    #expect(bench.exit == nil)  // the run is under way
  }

  // Signals.

  @Test func aStopWaitsForTheRunInFlightAndRecordsWhatFollows() throws {
    let bench = try ServiceBench(Self.hourly, at: Self.noon)
    let slot = Self.noon + .hours(1)
    try bench.turn(at: slot)
    try bench.turn(at: slot + .seconds(1), [.stop])
    #expect(bench.exit == nil)
    #expect(try bench.state(Slot(job: JobName("compute")!, time: slot)) == .deferred)
    try bench.end()
    try bench.turn(at: slot + .seconds(2))
    #expect(bench.exit == .done)
    #expect(bench.claimed.count == 1)
  }

  /// The database is busy when the stop comes: what could not be claimed is owed, nothing waits for
  /// what the storage keeps back.
  @Test func aStopWithABusyDatabaseLeavesTheRestToTheNextStart() throws {
    let bench = try ServiceBench("fetch: { every: 1h, catchup: latest }", at: Self.noon)
    try bench.turn(at: Self.noon)
    let hog = try Hog(bench.folder.database)
    let slot = Self.noon + .hours(1)
    try bench.turn(at: slot)
    try bench.turn(at: slot + .seconds(1), [.stop])
    #expect(bench.exit == .done)
    try hog.letGo()
    try bench.restart(at: slot + .seconds(3))
    try bench.turn(at: slot + .seconds(3))
    #expect(bench.claimed == [Slot(job: Self.fetch, time: slot)])
  }
}

@Suite struct StorageWatchTests {
  private func storage(_ trouble: StorageTrouble, _ cause: String = "x") -> Conditions.Storage {
    let conditions = Conditions()
    conditions.storageFailed(
      Fault("write", "db", cause: cause, exit: .io, storage: trouble), uptime: .seconds(100))
    return conditions.storage!
  }

  /// Trouble since second 100, a grace of 60 s; when the process ends, and with which code.
  @Test(
    arguments: [
      (.busy, 160, .tryAgain), (.full, 160, .io), (.failing, 160, .io), (.gone, 130, .io),
    ] as [(StorageTrouble, Int64, ExitCode)])
  func endsAfterTheGrace(_ trouble: StorageTrouble, _ second: Int64, _ code: ExitCode) {
    var watch = StorageWatch(grace: .seconds(60))
    let storage = storage(trouble)
    #expect(watch.look(nil, at: .seconds(99)) == [])
    #expect(watch.look(storage, at: .seconds(101)) == [.tell(storage)])
    #expect(watch.look(storage, at: .seconds(second - 1)) == [])
    #expect(watch.look(storage, at: .seconds(second)) == [.end(code, storage.fault)])
    #expect(watch.look(nil, at: .seconds(second)) == [.tell(nil)])
  }

  @Test func anotherTroubleIsNews() {
    var watch = StorageWatch(grace: .minutes(5))
    let (busy, full) = (storage(.busy), storage(.full))
    #expect(watch.look(busy, at: .seconds(101)) == [.tell(busy)])
    #expect(watch.look(full, at: .seconds(102)) == [.tell(full)])
  }

  @Test func theNoteOutlivesTheHeartbeatsFile() throws {
    let folder = try ServiceFolder()
    let heartbeat = Heartbeat(database: folder.database)
    #expect(heartbeat.note == nil)
    heartbeat.tell(nil)
    #expect(heartbeat.note == nil)
    let note = StorageNote(
      trouble: .full, since: ServiceFolder.start, words: "the disk is full", remedy: "df -h")
    heartbeat.tell(note)
    #expect(heartbeat.note == note)
    let lock = try DaemonLock.acquire(folder.database, now: ServiceFolder.start)
    let report = HealthReport(of: folder.survey.look(now: ServiceFolder.start))
    let check = report.checks.first { $0.name == "storage" }
    #expect(check?.status == .fail && check?.next == "df -h")
    heartbeat.tell(nil)
    #expect(heartbeat.note == nil)
    withExtendedLifetime(lock) {}
  }

  @Test func aDatabaseThatWasReplacedIsNoticed() throws {
    let folder = try ServiceFolder()
    let path = folder.path + "/x.db"
    try TextFile.create(path, "one")
    let presence = try #require(DatabasePresence(path: path))
    #expect(presence.fault() == nil)
    // Another file by the same name: TextFile writes beside and renames.
    try TextFile.create(path, "two", replace: true)
    #expect(presence.fault()?.storage == .gone)
    #expect(presence.fault()?.cause.contains("put in its place") == true)
    try Folder.clear(folder.path)
    #expect(presence.fault()?.cause.contains("removed or renamed") == true)
  }
}

@Suite struct StopWaitTests {
  typealias Left = ShutdownState.Unfinished

  @Test(
    arguments: [
      (Left(own: 0, others: 0, records: 0), true), (Left(own: 1, others: 0, records: 0), false),
      (Left(own: 0, others: 1, records: 0), false), (Left(own: 0, others: 0, records: 1), false),
    ])
  func aStopWaitsFor(_ left: Left, _ isOver: Bool) {
    var state = ShutdownState(drainTimeout: .minutes(1))
    #expect(!state.isOver(left))  // nobody asked for it
    _ = state.signal(at: .zero)
    #expect(state.isOver(left) == isOver)
  }

  @Test func aDrainLooksEverySecondAndAtItsDeadline() {
    var state = ShutdownState(drainTimeout: .seconds(60))
    #expect(state.sleepLimit(at: .zero, longest: .seconds(30)) == .seconds(30))
    _ = state.signal(at: .zero)
    #expect(state.sleepLimit(at: .zero, longest: .seconds(30)) == .seconds(1))
    #expect(
      state.sleepLimit(at: .milliseconds(59_800), longest: .seconds(30)) == .milliseconds(200))
    #expect(state.sleepLimit(at: .seconds(61), longest: .seconds(30)) == .milliseconds(10))
  }
}
