import Disk
import Domain
import Glibc
import Scheduler
import Store
import Synchronization

@testable import Service

/// A database and a schedules file in a folder of their own, removed when the test is done, as a
/// daemon would have left them.
final class ServiceFolder: Sendable {
  let path: String
  let database: String
  let schedulesFile: String

  static let start = Instant(rfc3339: "2026-11-20T12:00:00Z")!
  static let schedules = """
    version: 1
    jobs:
      fetch:   { cron: "1 * * * *", timeout: 5m, grace: 10m }
      compute: { after: fetch, timeout: 5m, grace: 10m }

    """

  init() throws {
    let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(temporary)/carillon-service-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp failed: \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    (database, schedulesFile) = (path + "/carillon.db", path + "/schedules.yaml")
    try TextFile.create(schedulesFile, Self.schedules)
    let schedule = try Schedule.parse(Self.schedules, file: schedulesFile)
    let store = try Store.open(database, mode: .create)
    try store.write(at: Self.start) { transaction in
      try transaction.service.tell(.started, "1.2.0")
      try transaction.service.tell(.schedulesFile, schedulesFile)
      try transaction.service.tell(.schedule, Self.schedules)
      for job in schedule.jobs {
        try transaction.marks.save(
          JobMark(job: job.name, since: Self.start, timing: job.timingIdentity))
      }
    }
    try store.close()
  }

  deinit {
    do {
      try Folder.clear(path + "/carillon.db.locks")
      rmdir(path + "/carillon.db.locks")
      try Folder.clear(path)
    } catch {
      preconditionFailure("\(error)")
    }
    rmdir(path)
  }

  var survey: HealthSurvey { HealthSurvey(database: database, schedulesPath: schedulesFile) }

  /// What a service that begins now would answer from this folder.
  func readings(of store: Store, _ time: SetTime) -> ServiceReadings {
    ServiceReadings(
      store, survey: survey, vitals: Vitals(now: time.now, uptime: time.uptime), version: "1.2.0",
      mode: "paper", time: time)
  }
}

/// A clock that is set by the test. Sleeps are of real time, and end when they are cancelled.
final class SetTime: TimeSource {
  private let wall: Mutex<Instant>
  private let start: Instant

  init(_ now: Instant) {
    wall = Mutex(now)
    start = now
  }

  var now: Instant {
    get { wall.withLock { $0 } }
    set { wall.withLock { $0 = newValue } }
  }

  var uptime: TimeSpan { now - start }

  func sleep(for span: TimeSpan) async throws { try await SystemTime().sleep(for: span) }
}
