import Cryptography
import Domain
import GRDB
import Glibc
import Testing

@testable import Store

/// Snapshots that are differences to the one before.
@Suite("Chains of snapshots")
struct SnapshotChainTests {
  let database = TestDatabase()
  let store: Store
  var folder: String { database.folder + "/snapshots" }

  init() throws {
    store = try database.open()
    try store.fill(hours: 0..<5000)
  }

  func archive(_ deltas: Int) -> SnapshotArchive {
    SnapshotArchive(store: store, folder: folder, chains: .init(deltas: deltas))
  }

  /// Another candle, and a row of the audit.
  func change(_ hour: Int64) throws {
    try store.fill(hours: 10_000 + hour..<10_001 + hour)
    try store.write(at: at(hour)) { try $0.audit.append("note", "hour \(hour)") }
  }

  /// So many snapshots, with a change before each.
  func taken(_ count: Int64, _ archive: SnapshotArchive) throws -> [Snapshot] {
    try (1...count).map { number in
      try change(number)
      return try archive.create(at: at(100 * number))
    }
  }

  /// As docs/DATA.md describes it.
  func hashOfPages(_ database: [UInt8]) -> String {
    SHA256.hexadecimal(
      stride(from: 0, to: database.count, by: 4096).flatMap {
        SHA256.hash(database[$0..<($0 + 4096)])
      })
  }

  func file(_ name: String) -> [UInt8] { contents("\(folder)/\(name)") }

  /// Every one comes back as the database was, and is proved; after so many differences one is whole.
  @Test func eachComesBack() throws {
    let archive = archive(3)
    var lines: [[String]] = []
    var snapshots: [Snapshot] = []
    for number in 1...6 as ClosedRange<Int64> {
      try change(number)
      lines.append(try everyRow(of: database.path))
      snapshots.append(try archive.create(at: at(100 * number)))
    }
    #expect(snapshots.map(\.parent?.number) == [nil, 1, 2, 3, nil, 5])
    #expect(snapshots.map(\.parentSHA256)[1...3].map { $0 } == snapshots[0...2].map(\.pagesSHA256))
    #expect(snapshots.map { $0.rawSHA256 == nil } == [false, true, true, true, false, true])
    #expect(snapshots[1].file == "S0002.delta.zst")
    #expect(snapshots[1].sizeBytes < snapshots[0].sizeBytes / 4)
    #expect(try archive.folder.list() == snapshots)
    for (index, snapshot) in snapshots.enumerated() {
      #expect(Snapshot(manifest: Array(snapshot.manifest.utf8)) == snapshot)
      #expect(try archive.verify(snapshot.id, at: at(900)).verified == at(900))
      let target = "\(database.folder)/check\(index).db"
      _ = try archive.folder.restore(snapshot.id, to: target, at: at(901))
      let bytes = contents(target)
      #expect(hashOfPages(bytes) == snapshot.pagesSHA256)
      #expect([nil, SHA256.hexadecimal(bytes)].contains(snapshot.rawSHA256))
      let isSame = try everyRow(of: target) == lines[index]
      #expect(isSame, "\(snapshot.id)")
    }
    // The hashes of pages are kept for the newest alone, and nothing else is left.
    #expect(
      database.names(in: folder).filter { !$0.hasSuffix(".json") && !$0.hasSuffix(".zst") }
        == [".lock", "S0006.pages"])
  }

  /// A database that shrinks, and grows again: the file is cut where it was.
  @Test func aDatabaseThatShrinks() throws {
    let archive = archive(24)
    let first = try archive.create(at: at(100))
    try store.connections.writeWithoutTransaction { db in
      try db.execute(sql: "DELETE FROM candle WHERE time > 3600000 * 4000")
      try db.execute(sql: "VACUUM")
    }
    let second = try archive.create(at: at(200))
    try change(1)
    let third = try archive.create(at: at(300))
    #expect(second.rawSizeBytes < first.rawSizeBytes)
    for snapshot in [first, second, third] {
      #expect(try archive.verify(snapshot.id, at: at(900)).damaged == nil)
    }
    #expect(third.parent == second.id)
  }

  /// What makes the next one whole.
  @Test(arguments: [
    "no hashes", "hashes cut", "hashes of another", "marks of another", "hashes of before",
    "damaged", "large", "switched off", "asked for",
  ])
  func whenTheNextIsWhole(_ reason: String) throws {
    let archive = archive(24)
    let snapshots = try taken(2, archive)
    #expect(snapshots[1].parent == snapshots[0].id)
    let pages = file("S0002.pages")
    switch reason {
    case "no hashes": unlink("\(folder)/S0002.pages")
    case "hashes cut": database.write("snapshots/S0002.pages", Array(pages.dropLast(3)))
    case "hashes of another":
      // Of a database of the same size, one page of which was another.
      var other = pages
      other[other.count - 1] ^= 1
      database.write("snapshots/S0002.pages", other)
    case "marks of another":
      // They stand behind the line.
      var other = pages
      other[try #require(pages.firstIndex(of: UInt8(ascii: "\n"))) + 1] ^= 1
      database.write("snapshots/S0002.pages", other)
    case "hashes of before":
      // Whole in themselves, and those of the snapshot before.
      try change(6)
      _ = try archive.create(at: at(400))
      database.write("snapshots/S0003.pages", pages.replacingText("S0002", with: "S0003"))
    case "damaged":
      let whole = file("S0002.delta.zst")
      database.write("snapshots/S0002.delta.zst", Array(whole.dropLast()))
      #expect(fault { try archive.verify(SnapshotID(number: 2), at: at(300)) }?.exit == .data)
    case "large":
      // More than a quarter of what is there, and it does not compress.
      try store.connections.write { db in
        try db.execute(
          sql:
            "INSERT INTO service (name, value, updated) VALUES ('large', hex(randomblob(500000)), 0)"
        )
      }
    default: break
    }
    try change(7)
    let next = try (reason == "switched off" ? self.archive(0) : archive)
      .create(at: at(500), whole: reason == "asked for")
    #expect(next.parent == nil)
    let kept = database.names(in: folder).filter { $0.hasSuffix(".pages") }
    #expect(kept == (reason == "switched off" ? [] : ["\(next.id).pages"]))
    try archive.verify(next.id, at: at(600))
  }

  /// A chain of which a link is not what it was: refused, and which it is is said.
  @Test(arguments: [
    ("missing", "S0002, which S0003 is a difference to, is missing"),
    (
      "foreign",
      "S0002 is not the snapshot that S0003 is a difference to: it was swapped, or is of another history"
    ),
    ("swapped frames", "it is a difference to another database"),
    ("frame missing", "No such file or directory"),
  ])
  func aLinkThatIsNotWhatItWas(_ deed: String, _ cause: String) throws {
    let archive = archive(24)
    let snapshots = try taken(3, archive)
    let (second, third) = (file("S0002.delta.zst"), file("S0003.delta.zst"))
    switch deed {
    case "missing": unlink("\(folder)/S0002.json")
    case "foreign":
      // Another history's snapshot of the number, signed.
      var foreign = snapshots[1]
      foreign.pagesSHA256 = foreign.pagesSHA256.map { String($0.reversed()) }
      foreign.sign(try archive.keyFile.key())
      try archive.folder.write(foreign)
    case "swapped frames":
      database.write("snapshots/S0002.delta.zst", third)
      database.write("snapshots/S0003.delta.zst", second)
    default: unlink("\(folder)/S0002.delta.zst")
    }
    let found = fault {
      try archive.folder.restore(
        SnapshotID(number: 3), to: database.folder + "/never.db", isRehearsal: true, at: at(900))
    }
    #expect(found?.exit == (deed == "frame missing" ? .noInput : .data))
    #expect(found?.cause.contains(cause) == true, "\(found.debugDescription)")
    #expect(access(database.folder + "/never.db", F_OK) != 0)
  }

  /// Every bit and every length of a difference, some of them unless SNAPSHOT_BITS=all asks for each.
  @Test func everyBitAndEveryLengthOfADifference() throws {
    let small = TestDatabase()
    let store = try small.open()
    let archive = SnapshotArchive(
      store: store, folder: small.folder + "/snapshots", chains: .init(deltas: 24))
    _ = try archive.create(at: at(100))
    try store.write(at: at(1)) { try $0.audit.append("note", "one") }
    let snapshot = try archive.create(at: at(200))
    #expect(snapshot.parent != nil)
    let whole = contents("\(small.folder)/snapshots/S0002.delta.zst")
    let tried = FileDamage.each(of: whole, lengths: 0..<whole.count, step: FileDamage.step(97)) {
      small.write("snapshots/S0002.delta.zst", $0)
      let found = fault {
        try archive.folder.restore(
          snapshot.id, to: small.folder + "/never.db", isRehearsal: true, at: at(300))
      }
      #expect(found?.exit == .data, "\($1)")
    }
    #expect(tried > 20)
    small.write("snapshots/S0002.delta.zst", whole)
    _ = try archive.verify(snapshot.id, at: at(400))
  }

  /// Thinning out leaves no difference without what it is one to.
  @Test func thinningOutKeepsChains() throws {
    let archive = archive(2)
    let snapshots = try taken(5, archive)
    #expect(snapshots.map(\.parent?.number) == [nil, 1, 2, nil, 4])
    let policy = KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0)
    let dropped = try archive.prune(policy, at: at(900))
    #expect(dropped.map(\.id.number) == [1, 2, 3])
    #expect(try archive.folder.list().map(\.keep) == ["chain", "latest"])
    try archive.verify(snapshots[4].id, at: at(901))
  }

  @Test func aDifferenceAloneIsNotLookedInto() throws {
    let archive = archive(24)
    _ = try taken(2, archive)
    unlink("\(folder)/S0002.json")
    #expect(
      fault { try archive.folder.describe("S0002.delta.zst") }?.cause
        == "it is a difference to another snapshot")
  }
}
