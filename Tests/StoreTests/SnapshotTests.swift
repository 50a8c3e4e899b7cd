import Disk
import Domain
import GRDB
import Glibc
import Testing

@testable import Store

@Suite("Snapshots")
struct SnapshotTests {
  let database = TestDatabase()
  let store: Store
  let archive: SnapshotArchive
  var folder: String { archive.folder.path }

  init() throws {
    store = try database.open()
    archive = SnapshotArchive(store: store, folder: database.folder + "/snapshots")
    try store.fill(hours: 0..<2000)
  }

  func names() -> [String] { database.names(in: folder) }

  @Test func restoredEqualsItsSourceRowForRow() throws {
    let before = try everyRow(of: database.path)
    let snapshot = try archive.create(at: at(100), run: 1)
    #expect(snapshot.id.description == "S0001")
    #expect(snapshot.rows["candle"] == 2000)
    #expect(snapshot.sizeBytes < snapshot.rawSizeBytes / 2)
    #expect(names() == [".lock", "S0001.db.zst", "S0001.json"])
    #expect(Int64(contents("\(folder)/S0001.db.zst").count) == snapshot.sizeBytes)
    let target = database.folder + "/check.db"
    let restoration = try archive.folder.restore(snapshot.id, to: target, at: at(101))
    #expect(restoration.kept == nil)
    #expect(try everyRow(of: target) == before)
    #expect(before.count > 2000)
    // And it is a database that Carillon opens.
    let restored = try Store.open(target, mode: .readWrite)
    #expect(try restored.read { try $0.series.all() }.count == 1)
    #expect(
      try store.read { try $0.snapshots.latest(limit: 9) }.map(\.sha256) == [snapshot.sha256])
  }

  // The frame is what the zstd program reads, too: written by us, read by another implementation.
  @Test func anyZstdReadsIt() throws {
    try #require(
      access("/usr/bin/zstd", X_OK) == 0, "this test needs the program: apt-get install zstd")
    let snapshot = try archive.create(at: at(100))
    var pid: pid_t = 0
    let words: [String] = ["zstd", "-q", "-t", "\(folder)/\(snapshot.file)"]
    let arguments = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    let code = posix_spawn(&pid, "/usr/bin/zstd", nil, nil, arguments + [nil], environ)
    try #require(code == 0)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    #expect(status == 0)
  }

  @Test func aManifestTellsAllAndReadsBack() throws {
    let snapshot = try archive.create(at: at(100))
    #expect(try archive.folder.list() == [snapshot])
    #expect(Snapshot(manifest: Array(snapshot.manifest.utf8)) == snapshot)
    let verified = try archive.verify(snapshot.id, at: at(200))
    #expect(verified.verified == at(200))
    #expect(try archive.folder.snapshot(snapshot.id) == verified)
    #expect(
      try store.read { try $0.snapshots.latest(limit: 1) }.map(\.verified) == [at(200)])
    #expect(names() == [".lock", "S0001.db.zst", "S0001.json"])
  }

  @Test func idsGoOnWhateverWasRemoved() throws {
    for time in [100, 200] as [Int64] { _ = try archive.create(at: at(time)) }
    let dropped = try archive.prune(
      KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0), at: at(300))
    #expect(dropped.map(\.id.description) == ["S0001"])
    #expect(names() == [".lock", "S0002.db.zst", "S0002.json"])
    #expect(try archive.create(at: at(400)).id.description == "S0003")
    let records = try store.read { try $0.snapshots.latest(limit: 9, removed: true) }
    #expect(records.map(\.removed) == [nil, nil, at(300)])
    #expect(try archive.folder.snapshot(SnapshotID(number: 2)).keep == "latest")
  }

  @Test func whatAKilledProcessLeftIsRemoved() throws {
    let snapshot = try archive.create(at: at(100))
    for name in [
      ".S0002.db.tmp", ".S0002.db.tmp-journal", ".S0002.db.zst.tmp", ".S0001.verify.tmp",
      ".S0002.json.tmp",
    ] {
      database.write("snapshots/\(name)", [1])
    }
    database.write("snapshots/notes.txt", [1])
    #expect(try archive.create(at: at(200)).id.description == "S0002")
    #expect(
      names() == [
        ".lock", "S0001.db.zst", "S0001.json", "S0002.db.zst", "S0002.json", "notes.txt",
      ])
    // Killed after the manifest, before the row: the next creation adds the row.
    try store.connections.write { try $0.execute(sql: "DELETE FROM snapshot WHERE id = 2") }
    _ = try archive.create(at: at(300))
    #expect(try store.read { try $0.snapshots.latest(limit: 9) }.map(\.id.number) == [3, 2, 1])
    #expect(try archive.folder.snapshot(snapshot.id) == snapshot)
  }

  /// Killed between frame and manifest: the draft of the manifest says what the frame is, and the next
  /// creation makes it the snapshot that it was to be. A draft without its frame, or beside another's, is
  /// removed, and the other's frame stays a stranger's.
  @Test(arguments: ["adopted", "no frame", "another frame", "no draft of ours"])
  func aFrameWithoutItsManifest(_ state: String) throws {
    let snapshot = try archive.create(at: at(100))
    try store.connections.write { try $0.execute(sql: "DELETE FROM snapshot") }
    rename("\(folder)/S0001.json", "\(folder)/S0001.draft")
    switch state {
    case "no frame": unlink("\(folder)/S0001.db.zst")
    case "another frame": database.write("snapshots/S0001.db.zst", [1, 2, 3])
    case "no draft of ours": database.write("snapshots/S0001.draft", Array("{}".utf8))
    default: break
    }
    #expect(try archive.folder.list() == [])
    let next = try archive.create(at: at(200))
    #expect(next.id.description == (state == "no frame" ? "S0001" : "S0002"))
    let isAdopted = state == "adopted"
    #expect(try archive.folder.list() == (isAdopted ? [snapshot, next] : [next]))
    #expect(names().contains("S0001.draft") == false)
    #expect(try archive.folder.undescribed().count == (isAdopted || state == "no frame" ? 0 : 1))
    // With its row, and proved.
    #expect(
      try store.read { try $0.snapshots.latest(limit: 9) }.map(\.id)
        == (isAdopted ? [next.id, snapshot.id] : [next.id]))
    if isAdopted { try archive.verify(snapshot.id, at: at(300)) }
  }

  /// The newest link of the audit is in the description, signed, and the proof looks for it.
  @Test func theHeadOfTheAuditIsInTheDescription() throws {
    try store.write(at: at(50)) { try $0.audit.append("note", "one") }
    let head = try #require(try store.read { try $0.audit.head })
    var snapshot = try archive.create(at: at(100))
    #expect(snapshot.auditHead == head)
    // The snapshot's own row comes after it.
    #expect(try store.read { try $0.audit.head } != head)
    _ = try archive.folder.restore(snapshot.id, to: database.folder + "/check.db", at: at(101))
    let restored = try Store.open(database.folder + "/check.db", mode: .readOnly)
    #expect(try restored.read { try $0.audit.head } == head)
    try restored.close()
    // One that was signed over another link is not what it says.
    snapshot.auditHead = String(repeating: "0", count: 64)
    snapshot.sign(try archive.keyFile.key())
    try archive.folder.write(snapshot)
    #expect(
      fault { try archive.verify(snapshot.id, at: at(200)) }?.cause
        == "its audit does not end with the link that the manifest tells")
  }

  /// A compressed database of which the description is missing: brought back from elsewhere, or left
  /// by a process that was killed. It is not ours to remove.
  @Test func whatHasNoDescriptionStays() throws {
    let before = try everyRow(of: database.path)
    let snapshot = try archive.create(at: at(100))
    let frame = contents("\(folder)/S0001.db.zst")
    unlink("\(folder)/S0001.json")
    for name in ["S0007.db.zst", "before-upgrade.db.zst", "notes.zst"] {
      database.write("snapshots/\(name)", name == "notes.zst" ? [1] : frame)
    }
    let strangers = ["S0001.db.zst", "S0007.db.zst", "before-upgrade.db.zst", "notes.zst"]
    #expect(try archive.folder.undescribed() == strangers)
    #expect(try archive.create(at: at(200)).id.description == "S0008")
    _ = try archive.prune(KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0), at: at(300))
    #expect(try archive.folder.undescribed() == strangers)
    #expect(contents("\(folder)/S0001.db.zst") == frame)
    // And each that is a database of ours can be looked into and restored.
    for name in strangers.dropLast() {
      let described = try archive.folder.describe(name)
      #expect(described.sha256 == snapshot.sha256)
      #expect(described.rows == snapshot.rows)
      let target = database.folder + "/\(name).restored"
      _ = try archive.folder.restore(described, to: target, at: at(400))
      #expect(try everyRow(of: target) == before)
    }
    #expect(fault { try archive.folder.describe("notes.zst") }?.exit == .data)
    #expect(names().filter { $0.hasPrefix(".") } == [".lock"])
  }

  @Test func aDatabaseOfAnotherProgramIsNoSnapshot() throws {
    let other = database.folder + "/other.db"
    let queue = try DatabaseQueue(path: other)
    try queue.write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
    try queue.close()
    _ = try archive.create(at: at(100))
    var file = try NewFile("\(folder)/other.zst")
    _ = try ZstdFrame.compress(other, to: file) {}
    try file.commit()
    #expect(
      fault { try archive.folder.describe("other.zst") }?.cause
        == "it holds no database of Carillon")
  }

  /// Killed between any two steps of thinning out, the next one finishes it.
  @Test(arguments: ["row", "frame"]) func aThinningOutThatWasKilled(after step: String) throws {
    for time in [100, 200] as [Int64] { _ = try archive.create(at: at(time)) }
    try store.write(at: at(250)) { try $0.snapshots.remove(SnapshotID(number: 1)) }
    if step == "frame" { unlink("\(folder)/S0001.db.zst") }
    let policy = KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0)
    _ = try archive.prune(policy, at: at(300))
    #expect(names() == [".lock", "S0002.db.zst", "S0002.json"])
    let records = try store.read { try $0.snapshots.latest(limit: 9, removed: true) }
    #expect(records.map(\.removed) == [nil, at(250)])
  }

  @Test func oneAtATime() throws {
    _ = try archive.create(at: at(100))
    guard let lock = try LockFile(opening: folder + "/.lock", create: false) else {
      Issue.record("no lock was made")
      return
    }
    let isTaken = lock.take(shared: false)
    #expect(isTaken)
    #expect(fault { try archive.create(at: at(200)) }?.exit == .tryAgain)
  }

  @Test func whatIsNotThere() throws {
    #expect(fault { try archive.folder.list() }?.exit == .noInput)
    #expect(fault { try archive.folder.snapshot(SnapshotID(number: 7)) }?.exit == .noInput)
    let snapshot = try archive.create(at: at(100))
    unlink("\(folder)/\(snapshot.file)")
    #expect(fault { try archive.verify(snapshot.id, at: at(200)) }?.exit == .noInput)
  }

  /// A service thins out while another process lists: a name that is read, and whose file is gone.
  @Test func oneThatGoesWhileTheDirectoryIsReadIsNone() throws {
    _ = try archive.create(at: at(100))
    #expect(symlink("gone", "\(folder)/S0007.json") == 0)
    #expect(try archive.folder.list().map(\.id.number) == [1])
  }

  @Test func aFileWhereTheDirectoryShouldBe() throws {
    database.write("snapshots", [1])
    #expect(fault { try archive.create(at: at(100)) }?.exit == .cannotCreate)
  }

  @Test func stoppedInTheMiddleLeavesNothing() throws {
    struct Stop: Error {}
    var steps = 0
    #expect(throws: Stop.self) {
      try archive.create(at: at(100)) {
        steps += 1
        if steps == 3 { throw Stop() }
      }
    }
    #expect(steps == 3)
    #expect(names() == [".lock"])
    #expect(try store.read { try $0.snapshots.lastID() } == nil)
  }

  @Test func writersGoOnDuringTheCopy() throws {
    var steps = 0
    let snapshot = try archive.create(at: at(100)) {
      steps += 1
      try store.fill(hours: 3000 + Int64(steps)..<3001 + Int64(steps))
    }
    #expect(steps > 1)
    // The state before the first of them, since one read transaction spans the copy.
    #expect(snapshot.rows["candle"] == 2000)
    #expect(try archive.verify(snapshot.id, at: at(200)).verified == at(200))
  }

  @Test func spellings() {
    #expect(SnapshotID("S0121")?.number == 121)
    #expect(SnapshotID("s7")?.description == "S0007")
    #expect(SnapshotID(number: 123_456).description == "S123456")
    for text in ["", "S", "S-1", "S0", "121", "S12x", "S99999999999999999999"] {
      #expect(SnapshotID(text) == nil, "\(text)")
    }
  }
}
