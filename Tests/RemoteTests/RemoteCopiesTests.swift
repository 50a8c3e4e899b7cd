import Cryptography
import Disk
import Domain
import Glibc
import Store
import Testing

@testable import Remote

@Suite("Copies away from here")
struct RemoteCopiesTests {
  let base: String
  let store: Store
  let archive: SnapshotArchive
  let copies: RemoteCopies
  let identity = AgeIdentity.make()
  var remote: String { base + "/remote" }
  var spool: String { base + "/spool" }

  init() throws {
    var template = Array("/tmp/carillon-remote-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp: \(errno)") }
    base = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    store = try Store.open(base + "/carillon.db", mode: .create)
    archive = SnapshotArchive(store: store, folder: base + "/snapshots")
    try Folder.make(base + "/remote")
    copies = RemoteCopies(
      store: DirectoryStore(folder: base + "/remote"),
      recipients: [identity.recipient, AgeIdentity.make().recipient], spool: base + "/spool")
  }

  func trust() throws -> RemoteTrust {
    RemoteTrust(identities: [identity], keys: [try archive.keyFile.key().verifying])
  }

  func taken(at seconds: Int64) throws -> Snapshot {
    try archive.verify(try archive.create(at: Instant(seconds: seconds)).id, at: .epoch)
  }

  func cause(_ body: () async throws -> Void) async -> String {
    do { try await body() } catch let fault as Fault { return fault.cause } catch {
      return "\(error)"
    }
    return "nothing was thrown"
  }

  @Test func thereAndBackAgain() async throws {
    let snapshot = try taken(at: 1_800_000_000)
    let pushed = try await copies.push(snapshot, in: archive.folder)
    #expect(pushed.wasThere == false)
    #expect(try Folder.names(in: spool) == [])
    // 1,800,000,000 s after the epoch is 2027-01-15T08:00:00Z.
    let name = "S0001.20270115T080000Z.\(snapshot.sha256.prefix(16))"
    #expect(try Folder.names(in: remote) == ["\(name).db.zst.age", "\(name).json.age"])
    // The size that was computed from the lengths of the format's lines is the one that came out.
    #expect(pushed.copy.sizeBytes == AgeFile.size(of: snapshot.sizeBytes, for: 2))
    #expect(try await copies.list() == [pushed.copy])
    #expect(try await copies.push(snapshot, in: archive.folder).wasThere)
    let folder = SnapshotFolder(base + "/back")
    let back = try await copies.pull(pushed.copy, into: folder, try trust())
    #expect(back == snapshot)
    #expect(try folder.verify(back.id, at: .epoch).sha256 == snapshot.sha256)
    #expect(
      try InputFile.contents(folder.frame(back), limit: 1 << 24)
        == InputFile.contents(archive.folder.frame(snapshot), limit: 1 << 24))
  }

  @Test func onlyWhoIsMeantOpensIt() async throws {
    let copy = try await copies.push(try taken(at: 1), in: archive.folder).copy
    let folder = SnapshotFolder(base + "/back")
    let mine = try trust()
    let stranger = RemoteTrust(identities: [AgeIdentity.make()], keys: mine.keys)
    #expect(
      await cause { _ = try await copies.pull(copy, into: folder, stranger) }
        .contains("encrypted to others"))
    let other = RemoteTrust(identities: [identity], keys: [Ed25519Key.make().verifying])
    #expect(
      await cause { _ = try await copies.pull(copy, into: folder, other) }
        .contains("none of the keys that are believed"))
    #expect(try Folder.namesIfAny(in: folder.path) == nil)
  }

  /// Whoever can write there has the public key that things are encrypted to, and still forges nothing.
  @Test func whatWasForgedOrSwapped() async throws {
    let (first, second) = (try taken(at: 1), try taken(at: 2))
    let (one, two) = (
      try await copies.push(first, in: archive.folder).copy,
      try await copies.push(second, in: archive.folder).copy
    )
    func put(_ bytes: [UInt8], _ name: String) throws {
      try NewFile.write(bytes, to: "\(remote)/\(name)")
    }
    func bytes(_ name: String) throws -> [UInt8] {
      try InputFile.contents("\(remote)/\(name)", limit: 1 << 24)
    }
    let mine = try trust()
    let whole = (try bytes(one.frame), try bytes(one.manifest))
    func pulled() async -> String {
      await cause { _ = try await copies.pull(one, into: SnapshotFolder(base + "/back"), mine) }
    }
    // Another copy's description under this one's name.
    try put(try bytes(two.manifest), one.manifest)
    #expect(await pulled().contains("under another's name: it was swapped"))
    // Another copy's frame.
    try put(whole.1, one.manifest)
    try put(try bytes(two.frame), one.frame)
    #expect(await pulled().contains("its frame"))
    try put(whole.0, one.frame)
    // Signed anew with a key of the forger's own, encrypted to the public key.
    var forged = first
    forged.rawSHA256 = forged.rawSHA256.map { String($0.reversed()) }
    forged.sign(Ed25519Key.make())
    try put(AgeFile.encrypt(forged.manifest, for: [identity.recipient]), one.manifest)
    #expect(await pulled().contains("none of the keys that are believed"))
    // Not signed at all, as before.
    (forged.signature, forged.ledger, forged.writer) = (nil, nil, nil)
    try put(AgeFile.encrypt(forged.manifest, for: [identity.recipient]), one.manifest)
    #expect(await pulled() == "its description is not signed")
    // Changed on the way, or cut.
    try put(whole.1, one.manifest)
    var flipped = whole.0
    flipped[flipped.count / 2] ^= 1
    try put(flipped, one.frame)
    #expect(await pulled().contains("damaged or forged"))
    try put(Array(whole.0.dropLast()), one.frame)
    #expect(await pulled().contains("damaged or forged"))
    try put(whole.0, one.frame)
    #expect(await pulled() == "nothing was thrown")
  }

  /// A push that was killed after each of its steps is finished by the next one, and leaves nothing.
  @Test(arguments: ["cipher", "half of the cipher", "frame", "half of the frame", "all"])
  func aPushThatWasKilled(after step: String) async throws {
    let snapshot = try taken(at: 1)
    let copy = RemoteCopy(name: RemoteName(snapshot), sizeBytes: 0)
    try Folder.make(spool)
    let cipher = "\(spool)/\(copy.frame)"
    let make = {
      try AgeFile.encrypt(
        archive.folder.frame(snapshot), to: cipher, for: [identity.recipient]
      ) {}
    }
    switch step {
    case "cipher": try make()
    case "half of the cipher": try NewFile.write([1, 2], to: NewFile.temporary(for: cipher))
    case "half of the frame":
      try NewFile.write([1, 2], to: NewFile.temporary(for: "\(remote)/\(copy.frame)"))
    default:
      try make()
      try NewFile.write(
        try InputFile.contents(cipher, limit: 1 << 24), to: "\(remote)/\(copy.frame)")
    }
    #expect(try await copies.list() == [])
    _ = try await copies.push(snapshot, in: archive.folder)
    #expect(try await copies.list().map(\.name) == [copy.name])
    #expect(try Folder.names(in: remote) == [copy.frame, copy.manifest])
    #expect(try Folder.names(in: spool) == [])
    _ = try await copies.pull(
      try await copies.list()[0], into: SnapshotFolder(base + "/back"), try trust())
  }

  /// A difference goes with its chain, comes back with it, and is thinned out with it.
  @Test func aDifferenceGoesWithItsChain() async throws {
    let archive = SnapshotArchive(
      store: store, folder: base + "/snapshots", chains: .init(deltas: 2))
    var taken: [Snapshot] = []
    for day in 0..<5 as Range<Int64> {
      try store.write(at: Instant(seconds: day)) { try $0.audit.append("note", "day \(day)") }
      taken.append(try archive.create(at: Instant(seconds: 86_400 * day)))
    }
    #expect(taken.map(\.parent?.number) == [nil, 1, 2, nil, 4])
    let copy = try await copies.push(taken[2], in: archive.folder).copy
    #expect(try await copies.list().map(\.name.id.number) == [1, 2, 3])
    #expect(try await copies.list().map(\.isDelta) == [false, true, true])
    #expect(copy.isDelta)
    #expect(try Folder.names(in: remote).contains("\(copy.name).delta.zst.age"))
    let folder = SnapshotFolder(base + "/back")
    #expect(try await copies.pull(copy, into: folder, try trust()) == taken[2])
    #expect(try folder.verify(taken[2].id, at: .epoch).pagesSHA256 == taken[2].pagesSHA256)
    _ = try await copies.push(taken[4], in: archive.folder)
    let policy = KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0)
    let done = try await copies.prune(policy, at: Instant(seconds: 86_400 * 9))
    #expect(done.removed.map(\.name.id.number) == [1, 2, 3])
    #expect(done.reasons.values.sorted() == ["chain", "latest"])
    // Without a link it is refused by name.
    let whole = try #require(try await copies.list().first)
    _ = try await copies.store.remove(whole.manifest)
    let last = try #require(try await copies.list().last)
    #expect(
      await cause {
        _ = try await copies.pull(last, into: SnapshotFolder(base + "/never"), try trust())
      } == "S0004, which S0005 is a difference to, is missing there, or another")
  }

  @Test func theOldGoAndTheLockedStay() async throws {
    for day in 0..<4 as Range<Int64> {
      _ = try await copies.push(try taken(at: 86_400 * day), in: archive.folder)
    }
    let policy = KeepPolicy(latest: 1, daily: 2, weekly: 0, monthly: 0)
    let now = Instant(seconds: 86_400 * 5)
    let plan = try await copies.prune(policy, at: now, isRehearsal: true)
    #expect(plan.removed.map(\.name.id.number) == [1, 2])
    #expect(try await copies.list().count == 4)
    let done = try await copies.prune(policy, at: now)
    #expect(done.removed == plan.removed)
    #expect(done.locked == [])
    #expect(try await copies.list().map(\.name.id.number) == [3, 4])
    // Half a copy is a push under way, until it is old.
    let half = "S0009.19700101T000000Z.0123456789abcdef.db.zst.age"
    try NewFile.write([1], to: "\(remote)/\(half)")
    try NewFile.write([1], to: "\(remote)/notes.txt")
    _ = try await copies.prune(policy, at: now)
    #expect(try Folder.names(in: remote).contains(half))
    _ = try await copies.prune(policy, at: now + .days(3))
    #expect(try Folder.names(in: remote).contains(half) == false)
    #expect(try Folder.names(in: remote).contains("notes.txt"))
  }

  @Test func aMountThatIsMissing() async throws {
    rmdir(remote)
    let snapshot = try taken(at: 1)
    let told = await cause { _ = try await copies.push(snapshot, in: archive.folder) }
    #expect(told == "there is no such folder")
  }

  @Test(arguments: [
    "S0001.20270115T080000Z", "S1.20270115T080000Z.0123456789abcdef",
    "S0001.20270115T080000Z.0123456789ABCDEF", "S0001.2027-01-15.0123456789abcdef",
    "S0001.20271315T080000Z.0123456789abcdef", "S0001.20270115T080000Z.0123456789abcde", "",
  ]) func whatIsNoName(text: String) { #expect(RemoteName(text) == nil) }
}
