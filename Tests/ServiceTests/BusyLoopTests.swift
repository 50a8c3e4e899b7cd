import Domain
import Jobs
import Scheduler
import Store
import Testing

@testable import Service

private let fetch = JobName("fetch")!
private let hourly = "fetch: { every: 1h }\ncompute: { after: fetch }"

// What the loop makes of a storage that refuses.
extension ServiceLoopTests {
  /// Another process writes for a minute: what falls due meanwhile is claimed late, in its order, the
  /// service stays, and says what is wrong.
  @Test func aBusyDatabaseIsWaitedFor() throws {
    let bench = try ServiceBench(
      "fetch: { every: 10s, overlap: queue, catchup: all }", at: ServiceFolder.start)
    try bench.turn(at: ServiceFolder.start)
    let hog = try Hog(bench.folder.database)
    for second in stride(from: Int64(10), through: 60, by: 5) {
      try bench.turn(at: ServiceFolder.start + .seconds(second))
      #expect(bench.exit == nil)
    }
    #expect(bench.claimed.isEmpty)
    #expect(bench.conditions.storage?.trouble == .busy)
    #expect(bench.conditions.storageHalt == nil)
    try hog.letGo()
    var now = ServiceFolder.start + .seconds(66)
    for _ in 0..<7 {
      try bench.turn(at: now)
      while !bench.running.isEmpty { try bench.end() }
      now = now + .milliseconds(100)
    }
    let expected = (1...6).map { Slot(job: fetch, time: ServiceFolder.start + .seconds($0 * 10)) }
    #expect(bench.claimed == expected)
    #expect(bench.conditions.storage == nil)
    guard case .tellStorage(nil)? = bench.effects.first else { return }
  }

  /// A job of this very process writes for long: turns go on beside it, and what falls due meanwhile is
  /// claimed when it is over. The test would never end if a turn waited for it.
  @Test(.timeLimit(.minutes(1)))
  func aLongTransactionOfAJobHoldsTheLoopNotUp() throws {
    let bench = try ServiceBench("fetch: { every: 10s }", at: ServiceFolder.start)
    try bench.turn(at: ServiceFolder.start)
    let hog = try Hog(bench.store)
    for second in [10, 11, 15] as [Int64] {
      try bench.turn(at: ServiceFolder.start + .seconds(second))
    }
    #expect(bench.claimed.isEmpty && bench.exit == nil)
    #expect(bench.conditions.storage?.trouble == .busy)
    #expect(bench.conditions.storageHalt == nil)
    try hog.letGo()
    try bench.turn(at: ServiceFolder.start + .seconds(19))
    #expect(bench.claimed == [Slot(job: fetch, time: ServiceFolder.start + .seconds(10))])
    #expect(bench.conditions.storage == nil)
  }

  /// What was asked while the database was busy is answered afterwards, and that it was busy is forgotten
  /// though no job falls due for an hour.
  @Test func aRefusedAnswerIsGivenLaterAndTheStorageHoldsAgain() throws {
    let bench = try ServiceBench(hourly, at: ServiceFolder.start)
    try bench.turn(at: ServiceFolder.start)
    let id = try bench.store.write(at: ServiceFolder.start) {
      try $0.requests.append("resume", "fetch", detail: nil)
    }
    let hog = try Hog(bench.folder.database)
    try bench.turn(at: ServiceFolder.start + .seconds(1))
    #expect(bench.conditions.storage?.trouble == .busy)
    try hog.letGo()
    try bench.turn(at: ServiceFolder.start + .seconds(3))
    #expect(bench.conditions.storage == nil)
    #expect(try bench.store.read { try $0.requests.request(id)?.answer } != nil)
  }

  @Test(arguments: [(300, nil), (311, .tryAgain)] as [(Int64, ExitCode?)])
  func aDatabaseThatStaysBusyEndsTheServiceAfterTheGrace(
    _ seconds: Int64, _ exit: ExitCode?
  ) throws {
    let bench = try ServiceBench("fetch: { every: 10s }", at: ServiceFolder.start)
    try bench.turn(at: ServiceFolder.start)
    let hog = try Hog(bench.folder.database)
    defer { do { try hog.letGo() } catch { Issue.record(error) } }
    try bench.turn(at: ServiceFolder.start + .seconds(10))
    #expect(bench.exit == nil)
    try bench.turn(at: ServiceFolder.start + .seconds(seconds))
    #expect(bench.exit == exit)
  }

  @Test func aLostDatabaseIsToldAtOnceAndEndsTheServiceSoon() throws {
    let bench = try ServiceBench("fetch: { every: 10s }", at: ServiceFolder.start)
    try bench.turn(at: ServiceFolder.start)
    let fault = Fault(
      "use the database", "carillon.db", cause: "another file was put in its place", exit: .io,
      storage: .gone)
    func turn(_ second: Int64, lost: Bool) throws {
      try bench.turn(
        at: ServiceFolder.start + .seconds(second), seeing: .init(databaseFault: lost ? fault : nil)
      )
    }
    try turn(10, lost: true)
    #expect(bench.claimed.isEmpty && bench.exit == nil)
    #expect(bench.conditions.storageHalt == fault.description)
    // Put back in time, all goes on.
    try turn(20, lost: false)
    #expect(bench.claimed.count == 1 && bench.conditions.storageHalt == nil)
    try turn(30, lost: true)
    try turn(59, lost: true)
    #expect(bench.exit == nil)
    try turn(60, lost: true)
    #expect(bench.exit == .io)
  }
}
