import Domain
import Glibc
import Testing

@testable import Store

@Suite("Locks that tell who lives")
struct LockTests {
  let database = TestDatabase()

  @Test func aProcessLivesWhileItHoldsItsLock() throws {
    var lock: ProcessLock? = try database.lock()
    let holder = try #require(lock).holder
    #expect(try ProcessLock.isAlive(holder, beside: database.path))
    // Asking does not disturb it.
    #expect(try ProcessLock.isAlive(holder, beside: database.path))
    lock = nil
    #expect(try !ProcessLock.isAlive(holder, beside: database.path))
    #expect(database.names(in: database.path + ".locks") == ["gate"])
  }

  @Test func aMissingFileMeansDead() throws {
    #expect(try !ProcessLock.isAlive(.random(), beside: database.path))
  }

  @Test func namesNeverLeaveTheFolder() {
    #expect(HolderID("../../../../../../../../etc/pass") == nil)
    #expect(HolderID(String(repeating: "A", count: 32)) == nil)
    #expect(HolderID(HolderID.random().text) != nil)
  }

  @Test func whatDeadProcessesLeftIsSwept() throws {
    let first = try database.lock()
    let folder = database.path + ".locks"
    let dead = [HolderID.random().text, HolderID.random().text + ".new"]
    for name in dead { database.write("carillon.db.locks/\(name)", []) }
    database.write("carillon.db.locks/notes.txt", [])
    let second = try database.lock()
    #expect(
      database.names(in: folder)
        == ["gate", "notes.txt", first.holder.text, second.holder.text].sorted())
  }

  @Test func oneDaemonAtATime() throws {
    var first: DaemonLock? = try DaemonLock.acquire(database.path, now: at(0))
    #expect(try DaemonLock.isHeld(database.path))
    let found = fault { try DaemonLock.acquire(database.path, now: at(1)) }
    #expect(found?.exit == .tryAgain)
    #expect(
      found?.cause.contains("carillon run pid \(getpid()) since 1970-01-01T00:00:00Z") == true)
    withExtendedLifetime(first) {}
    first = nil
    #expect(try !DaemonLock.isHeld(database.path))
    _ = try DaemonLock.acquire(database.path, now: at(2))
  }

  /// A program that is being started keeps the lock of its starter until its exec, and the starter may be
  /// killed before.
  @Test(arguments: [0, 3])
  func theLockOfAProcessThatIsGoneIsWaitedFor(looks: Int) throws {
    var kept: Kept? = try lockOfTheGone()
    var pauses = 0
    if looks == 0 { kept = nil }
    _ = try DaemonLock.acquire(database.path, now: at(1)) { _ in
      pauses += 1
      if pauses == looks { kept = nil }
    }
    #expect(pauses == looks && kept == nil)
  }

  /// It may be a process that this one cannot see, in another container.
  @Test func notForEver() throws {
    let kept = try lockOfTheGone()
    var pauses: Int64 = 0
    let found = fault { try DaemonLock.acquire(database.path, now: at(1)) { pauses += $0 } }
    #expect(pauses == 2_000_000)
    #expect(found?.exit == .tryAgain)
    #expect(found?.cause.contains("pid 4194305") == true)
    withExtendedLifetime(kept) {}
  }

  private final class Kept {
    let file: LockFile

    init(_ file: consuming LockFile) { self.file = file }
  }

  private func lockOfTheGone() throws -> Kept {
    guard let file = try LockFile(opening: database.path + ".daemon.lock", create: true) else {
      preconditionFailure("a file that is to be made is made, or opening it throws")
    }
    let isTaken = file.take(shared: false)
    #expect(isTaken)
    // Linux gives no process a number beyond 2^22.
    file.write("carillon run pid 4194305 since 1970-01-01T00:00:00Z\n")
    return Kept(file)
  }

  /// Of those that live, and of those whose text names none, nobody waits.
  @Test func whoIsGone() {
    #expect(DaemonLock.isGone("carillon run pid 4194305 since 1970-01-01T00:00:00Z"))
    #expect(!DaemonLock.isGone("carillon run pid \(getpid()) since 1970-01-01T00:00:00Z"))
    // Another's, which may not be sent a signal.
    #expect(!DaemonLock.isGone("carillon run pid 1 since 1970-01-01T00:00:00Z"))
    for text in ["", "another process", "carillon run pid", "pid x", "pid -1", "pid 0"] {
      #expect(!DaemonLock.isGone(text), "\(text)")
    }
  }

  /// The locks lie beside the file that a link leads to, whatever its spelling.
  @Test func aLinkLeadsToTheSameLocks() throws {
    try database.open().close()
    let link = database.folder + "/link.db"
    #expect(symlink("carillon.db", link) == 0)
    let lock = try ProcessLock.acquire(beside: link, purpose: "test", now: at(0))
    let daemon = try DaemonLock.acquire(link, now: at(0))
    #expect(try ProcessLock.isAlive(lock.holder, beside: database.path))
    #expect(try DaemonLock.isHeld(database.path))
    #expect(fault { try DaemonLock.acquire(database.path, now: at(1)) }?.exit == .tryAgain)
    withExtendedLifetime((lock, daemon)) {}
    #expect(
      database.names(in: database.folder)
        == ["carillon.db", "carillon.db.daemon.lock", "carillon.db.locks", "link.db"])
  }

  @Test func aLockIsNotWrittenThroughALink() throws {
    let precious = database.write("precious", [1])
    #expect(symlink(precious, database.path + ".daemon.lock") == 0)
    #expect(fault { try DaemonLock.acquire(database.path, now: at(0)) } != nil)
    #expect(contents(precious) == [1])
  }

  @Test func aDirectoryThatIsNotThere() {
    let path = database.folder + "/none/carillon.db"
    let faults = [
      fault { try ProcessLock.acquire(beside: path, purpose: "test", now: at(0)) },
      fault { try DaemonLock.acquire(path, now: at(0)) },
    ]
    for found in faults {
      #expect(found?.exit == .cannotCreate)
      #expect(found?.remedy == "mkdir -p \(database.folder)/none")
    }
  }

  @Test func noDaemonWithoutAFile() throws {
    #expect(try !DaemonLock.isHeld(database.path))
    #expect(database.names(in: database.folder).isEmpty)
  }

  @Test func aKilledProcessIsDead() throws {
    try database.open().close()
    let child = try ChildProcess(test: "childThatHoldsARun", database: database.path)
    try child.await()
    let store = try database.open()
    let running = try store.read { try $0.runs.running() }
    let holder = try #require(running.first?.holder)
    #expect(try ProcessLock.isAlive(holder, beside: database.path))
    #expect(try DaemonLock.isHeld(database.path))
    #expect(try store.write(at: at(100)) { try $0.runs.reap() }.isEmpty)
    child.kill()
    #expect(try !DaemonLock.isHeld(database.path))
    let reaped = try store.write(at: at(100)) { try $0.runs.reap() }
    #expect(reaped.map(\.state) == [.interrupted])
    #expect(reaped.map(\.slot) == [slot("fetch", 60)])
    #expect(database.names(in: database.path + ".locks") == ["gate", "made"])
  }

  /// Run in a process of its own by the test above.
  @Test(.enabled(if: ChildProcess.database != nil))
  func childThatHoldsARun() throws {
    let path = try #require(ChildProcess.database)
    let store = try Store.open(path, mode: .readWrite)
    let daemon = try DaemonLock.acquire(path, now: at(50))
    let lock = try ProcessLock.acquire(beside: path, purpose: "child", now: at(50))
    _ = try store.write(at: at(61)) { tx in
      try tx.runs.claim(firing("fetch", 60), holder: lock.holder)
    }
    ChildProcess.reportProgress()
    withExtendedLifetime((daemon, lock)) { ChildProcess.waitForDeath() }
  }
}
