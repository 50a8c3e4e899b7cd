import Cryptography
import Disk
import Domain
import Glibc
import Store
import Testing

@testable import Remote

@Suite("The shipped log away from here")
struct LogCopiesTests {
  let base: String
  let store: Store
  let shipper: LogShipper
  let copies: LogCopies
  let identity = AgeIdentity.make()
  let key = Ed25519Key.make()
  var remote: String { base + "/remote" }
  var spool: LogSpool { shipper.spool }
  var trust: RemoteTrust { RemoteTrust(identities: [identity], keys: [key.verifying]) }

  init() throws {
    var template = Array("/tmp/carillon-log-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp: \(errno)") }
    base = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try Folder.make(base + "/remote")
    try LogSpool(database: base + "/carillon.db").turn(on: true)
    store = try Store.open(base + "/carillon.db", mode: .create)
    var limits = LogShipper.Limits()
    limits.maximumAge = .seconds(100)
    shipper = try LogShipper(store, limits: limits)
    copies = LogCopies(
      store: DirectoryStore(folder: base + "/remote"), recipients: [identity.recipient])
  }

  func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_800_000_000 + seconds) }

  /// Writes something, and ships it.
  func turn(_ seconds: Int64) throws {
    try store.write(at: at(seconds)) { try $0.audit.append("note", "turn \(seconds)") }
    _ = try shipper.ship(at: at(seconds))
  }

  func send() async throws -> LogCopies.Sent { try await copies.send(spool, key) }

  /// What the audit's newest row says in the database of a time, as it comes back from far away.
  func restored(_ time: Instant, _ name: String) async throws -> String? {
    let folder = "\(base)/\(name)"
    let fetched = try await copies.fetch(at: time, into: folder, trust)
    let file = try PointInTime(fetched).write(at: time).name
    let place = SnapshotFolder(folder)
    let target = "\(base)/\(name).db"
    _ = try place.restore(try place.describe(file), to: target, at: time)
    let copy = try Store.open(target, mode: .readOnly)
    let newest = try copy.read { try $0.audit.latest(limit: 1).first?.text }
    try copy.close()
    return newest
  }

  func cause(_ body: () async throws -> Void) async -> String {
    do { try await body() } catch let fault as Fault { return fault.cause } catch {
      return "\(error)"
    }
    return "nothing was thrown"
  }

  @Test func everySecondComesBack() async throws {
    try turn(0)
    // Base and description.
    #expect(try await send().objects == 2)
    #expect(try await send().objects == 0)
    for second in [10, 20, 30] as [Int64] { try turn(second) }
    #expect(try await send().objects == 3)
    // 1,800,000,000 s after the epoch is 2027-01-15T08:00:00Z.
    let names = try Folder.names(in: remote)
    #expect(names.count == 5)
    #expect(names.allSatisfy { $0.hasPrefix("L0001.20270115T080000Z.") && $0.hasSuffix(".age") })
    #expect(names.contains { $0.hasSuffix(".00000003-1800000030000.zst.age") })
    #expect(try await copies.spans() == [.init(from: at(0), through: at(30))])
    #expect(try await restored(at(30), "thirty") == "turn 30")
    #expect(try await restored(at(29), "twenty") == "turn 20")
    #expect(try await restored(.distantFuture, "newest") == "turn 30")
    #expect(await cause { _ = try await restored(at(-1), "never") }.contains("begins at"))
    // Copies of snapshots and the log do not see each other.
    let snapshots = RemoteCopies(
      store: copies.store, recipients: [identity.recipient], spool: base + "/spool")
    #expect(try await snapshots.list() == [])
    try shipper.close()
    try store.close()
  }

  /// Another remote gets all of it; one that was gone goes on where it was.
  @Test func eachRemoteHasItsOwnCount() async throws {
    try turn(0)
    _ = try await send()
    rename(remote, remote + ".gone")
    try turn(10)
    #expect(await cause { _ = try await send() } == "there is no such folder")
    rename(remote + ".gone", remote)
    #expect(try await send().objects == 1)
    try Folder.make(base + "/other")
    let other = LogCopies(
      store: DirectoryStore(folder: base + "/other"), recipients: [identity.recipient])
    #expect(try await other.send(spool, key).objects == 3)
    try shipper.close()
    try store.close()
  }

  @Test func theOldGenerationsGo() async throws {
    for generation in 0..<5 as Range<Int64> {
      try turn(200 * generation)
      try turn(200 * generation + 10)
      _ = try await send()
    }
    let spans = try await copies.spans()
    #expect(spans.map(\.from) == [at(400), at(600), at(800)])
    #expect(try Folder.names(in: remote).count == 9)
    #expect(try await restored(at(615), "third") == "turn 610")
    try shipper.close()
    try store.close()
  }

  /// Whoever can write there has the public key that things are encrypted to, and still forges nothing.
  @Test func whatWasForgedOrSwapped() async throws {
    for second in [0, 10, 20, 30] as [Int64] { try turn(second) }
    _ = try await send()
    let names = try Folder.names(in: remote)
    func object(_ part: String) throws -> String {
      "\(remote)/\(try #require(names.first { $0.contains(part) }))"
    }
    let (one, two) = (try object(".00000001-"), try object(".00000002-"))
    func bytes(_ path: String) throws -> [UInt8] { try InputFile.contents(path, limit: 1 << 24) }
    let whole = (try bytes(one), try bytes(two))
    var count = 0
    func told() async -> String {
      count += 1
      let name = "try\(count)"
      return await cause { _ = try await restored(at(30), name) }
    }
    // A segment under another's name.
    try NewFile.write(whole.1, to: one)
    #expect(await told().contains("under another's name: it was swapped"))
    // Encrypted to the public key, and not signed; signed with a key of the forger's own.
    try NewFile.write(AgeFile.encrypt("forged\n", for: [identity.recipient]), to: one)
    #expect(await told() == "it is not signed")
    let name = try #require(LogName.parts(of: FilePath.name(of: one)))
    let label = LogLabel(
      generation: name.name, file: name.file, sizeBytes: 1, sha256: SHA256.hexadecimal([7]))
    func forged(_ key: Ed25519Key, _ content: [UInt8]) -> [UInt8] {
      AgeFile.encrypt(label.line(key) + content, for: [identity.recipient])
    }
    try NewFile.write(forged(Ed25519Key.make(), [7]), to: one)
    #expect(await told().contains("none of the keys that are believed"))
    // Signed by us, with other content than was signed.
    try NewFile.write(forged(key, [8]), to: one)
    #expect(await told() == "it does not hold what was signed")
    try NewFile.write(forged(key, [7, 7]), to: one)
    #expect(await told() == "it is larger than was signed")
    // Cut, and missing.
    try NewFile.write(Array(whole.0.dropLast()), to: one)
    #expect(await told().contains("damaged or forged"))
    unlink(one)
    #expect(await told() == "segment 1 before it is missing")
    try NewFile.write(whole.0, to: one)
    #expect(await told() == "nothing was thrown")
    let stranger = RemoteTrust(identities: [AgeIdentity.make()], keys: [key.verifying])
    #expect(
      await cause { _ = try await copies.fetch(at: at(30), into: base + "/s", stranger) }
        .contains("encrypted to others"))
    try shipper.close()
    try store.close()
  }

  /// A file beyond what is encrypted in memory goes by a cipher on disk, which is removed afterwards; one
  /// that was cut short on its way goes on with the same cipher, and what waits of others is given up.
  @Test func aLargeFileGoesByTheDisk() async throws {
    let large = LogCopies(
      store: copies.store, recipients: [identity.recipient], memoryBytes: 1000)
    try turn(1)
    rename(remote, remote + ".gone")
    #expect(await cause { _ = try await large.send(spool, key) } == "there is no such folder")
    let sending = spool.path + "/sending"
    let cipher = try #require(try Folder.names(in: sending).first)
    let before = try InputFile.contents("\(sending)/\(cipher)", limit: 1 << 24)
    try NewFile.write([1], to: sending + "/L0001.20200101T000000Z.0123456789abcdef.base.db.zst.age")
    rename(remote + ".gone", remote)
    #expect(try await large.send(spool, key).objects == 2)
    #expect(try Folder.names(in: sending) == [])
    #expect(try InputFile.contents("\(remote)/\(cipher)", limit: 1 << 24) == before)
    #expect(try await restored(at(1), "large") == "turn 1")
    try shipper.close()
    try store.close()
  }

  @Test(arguments: [
    "L0001.20270115T080000Z.0123456789abcdef", "L12345.20270115T080000Z.0123456789abcdef",
  ]) func names(_ text: String) throws {
    #expect(LogName(text)?.description == text)
    #expect(LogName.parts(of: text + ".base.json.age")?.file == "base.json")
    #expect(
      LogName.parts(of: text + ".00000007-1800000000000.zst.age")?.file.hasPrefix("0000") == true)
    for other in [".base.json", ".other.age", ".7-1.zst.age", ""] {
      #expect(LogName.parts(of: text + other) == nil)
    }
  }

  @Test(arguments: [
    "L1.20270115T080000Z.0123456789abcdef", "L0000.20270115T080000Z.0123456789abcdef",
    "S0001.20270115T080000Z.0123456789abcdef", "L0001.20270115T080000Z.0123456789ABCDEF", "",
  ]) func whatIsNoName(_ text: String) { #expect(LogName(text) == nil) }
}
