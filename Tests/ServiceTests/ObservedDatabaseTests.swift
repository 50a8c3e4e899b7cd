import Domain
import Glibc
import Jobs
import Store
import Testing

@testable import Service

/// What another process writes, looked at through all that becomes of its file.
@Suite struct ObservedDatabaseTests {
  private func texts(_ observed: ObservedDatabase) throws -> [String] {
    try observed.reading { try $0.read { try $0.audit.latest(limit: 9) } }.map(\.text)
  }

  private func note(_ text: String, _ store: Store) throws {
    try store.write(at: ServiceFolder.start) { try $0.audit.append("note", text) }
  }

  @Test func followsStopsStartsAndRestores() throws {
    let folder = try ServiceFolder()
    let observed = ObservedDatabase(path: folder.database)
    #expect(try texts(observed).isEmpty)
    #expect(try observed.reading { $0.mode } == .asLeft)
    let changes = try observed.changes()
    #expect(try observed.changes() == changes)

    var writer = try Store.open(folder.database, mode: .readWrite)
    try note("one", writer)
    #expect(try texts(observed) == ["one"])
    #expect(try observed.reading { $0.mode } == .readOnly)
    let seen = try observed.changes()
    #expect(seen > changes)
    try note("two", writer)
    #expect(try observed.changes() > seen)
    #expect(try texts(observed) == ["two", "one"])
    try writer.close()
    #expect(try texts(observed) == ["two", "one"])

    // Another file in its place, as a restore puts it there.
    let other = try ServiceFolder()
    writer = try Store.open(other.database, mode: .readWrite)
    try note("restored", writer)
    try writer.close()
    let before = try observed.changes()
    for end in ["-wal", "-shm"] { unlink(folder.database + end) }
    #expect(rename(other.database, folder.database) == 0)
    #expect(try texts(observed) == ["restored"])
    #expect(try observed.changes() > before)
  }

  /// A service's own stream tells of what others write too: a run by hand, a command.
  @Test func aServiceSeesWhatOthersWrite() async throws {
    let folder = try ServiceFolder()
    let time = SetTime(ServiceFolder.start)
    let store = try Store.open(folder.database, mode: .readWrite)
    let readings = folder.readings(of: store, time)
    func next() async throws -> Int {
      time.now = time.now + .seconds(1)
      return try await readings.commits()
    }
    var seen = try await next()
    #expect(try await next() == seen)
    let other = try Store.open(folder.database, mode: .readWrite)
    try note("by another", other)
    // Not looked for again within a second.
    #expect(try await readings.commits() == seen)
    #expect(try await next() > seen)
    seen = try await next()
    #expect(try await next() == seen)
    try note("by itself", store)
    #expect(try await next() > seen)
    try other.close()
    let worker = WorkerThread(name: "test")
    await Task(executorPreference: worker) { readings.stop() }.value
    worker.stop()
    try store.close()
    #expect(access(folder.database + "-wal", F_OK) != 0, "the last to close folds the log")
  }

  @Test func whatIsNotThereIsSaidAndComes() throws {
    let folder = try ServiceFolder()
    let observed = ObservedDatabase(path: folder.path + "/later.db")
    let fault = #expect(throws: Fault.self) { try texts(observed) }
    #expect(fault?.exit == .noInput)
    let store = try Store.open(folder.path + "/later.db", mode: .rehearsal)
    try note("there", store)
    #expect(try texts(observed) == ["there"])
    try store.close()
  }

  /// A write under a read without locks: the read is made again.
  @Test func aTornReadIsMadeAgain() throws {
    let folder = try ServiceFolder()
    let observed = ObservedDatabase(path: folder.database)
    var times = 0
    let found = try observed.reading { store -> [String] in
      times += 1
      let texts = try store.read { try $0.audit.latest(limit: 9) }.map(\.text)
      if times == 1 {
        let writer = try Store.open(folder.database, mode: .readWrite)
        try note("meanwhile", writer)
        try writer.close()
      }
      return texts
    }
    #expect(times == 2)
    #expect(found == ["meanwhile"])
  }
}
