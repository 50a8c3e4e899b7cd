import Cryptography
import Domain
import Glibc
import Testing

@testable import Store

/// Snapshots whose frame or manifest is not as it was written.
@Suite("Damaged snapshots")
struct SnapshotDamageTests {
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

  /// What was found damaged stays marked, until it is found whole.
  @Test func aDamagedOneStaysMarked() throws {
    let snapshot = try archive.create(at: at(100))
    let whole = contents("\(folder)/\(snapshot.file)")
    var bytes = whole
    bytes[bytes.count / 2] ^= 4
    database.write("snapshots/\(snapshot.file)", bytes)
    #expect(fault { try archive.verify(snapshot.id, at: at(200)) }?.exit == .data)
    #expect(try archive.folder.list().map(\.damaged) == [at(200)])
    database.write("snapshots/\(snapshot.file)", whole)
    #expect(try archive.verify(snapshot.id, at: at(300)).damaged == nil)
    #expect(try archive.folder.list().map(\.damaged) == [nil])
  }

  /// One bit of the manifest, which the frame is judged by, is as good as none of it.
  @Test func aBitFlippedInTheManifest() throws {
    let snapshot = try archive.create(at: at(100))
    let whole = contents("\(folder)/S0001.json")
    for index in stride(from: 0, to: whole.count, by: 7) {
      var flipped = whole
      flipped[index] ^= 1 << UInt8(index % 3)
      let read = Snapshot(manifest: flipped)
      // White space between members says nothing.
      #expect(read == nil || read == snapshot, "byte \(index)")
    }
  }

  /// Manifests of before they were signed, and of before they bore a hash of themselves, are read as
  /// they were.
  @Test func manifestsOfBefore() throws {
    var old = try archive.create(at: at(100))
    // What was signed before the audit's link was told.
    var third = old
    third.auditHead = nil
    third.sign(try archive.keyFile.key(), as: .withSignature)
    #expect(third.manifest.contains("carillon.snapshot/3"))
    #expect(third.manifest.contains("audit_head") == false)
    #expect(Snapshot(manifest: Array(third.manifest.utf8)) == third)
    (old.signature, old.ledger, old.writer, old.auditHead) = (nil, nil, nil, nil)
    old.format = .withoutSignature
    let second = old.manifest
    #expect(second.contains("carillon.snapshot/2"))
    #expect(Snapshot(manifest: Array(second.utf8)) == old)
    let lines = second.replacing("carillon.snapshot/2", with: "carillon.snapshot/1")
      .split(separator: "\n").filter { !$0.contains("manifest_sha256") }
    let first = lines.joined(separator: "\n").replacing(/,\n}$/, with: "\n}")
    #expect(Snapshot(manifest: Array(first.utf8)) == old)
    database.write("snapshots/S0001.json", Array(second.utf8))
    #expect(try archive.verify(old.id, at: at(200)).signature == nil)
    database.write("snapshots/S0001.json", Array(third.manifest.utf8))
    let verified = try archive.verify(third.id, at: at(300))
    #expect(verified.format == .withSignature && verified.signature == third.signature)
  }

  /// What was signed holds for what was true then; what has become of it since is not of it.
  @Test func aDescriptionIsSigned() throws {
    let snapshot = try archive.create(at: at(100))
    let key = try #require(try archive.keyFile.keyIfAny())
    #expect(snapshot.signature?.key == key.verifying)
    var later = snapshot
    (later.verified, later.keep) = (at(200), "daily")
    #expect(Snapshot(manifest: Array(later.manifest.utf8)) == later)
    // Each lie is found, though the hash of the manifest is made anew; another's signature is another's.
    for lie: (inout Snapshot) -> Void in [
      { $0.rawSHA256 = $0.rawSHA256.map { String($0.reversed()) } }, { $0.rows["candle"] = 7 },
      { $0.ledger = ["main": ["USDT": Amount(1)]] }, { $0.taken = at(99) },
      { $0.id = SnapshotID(number: 2) }, { $0.writer = "9.9.9" },
      { $0.auditHead = String(repeating: "a", count: 64) },
    ] as [(inout Snapshot) -> Void] {
      var forged = snapshot
      lie(&forged)
      #expect(Snapshot(manifest: Array(forged.manifest.utf8)) == nil)
      forged.sign(Ed25519Key.make())
      let read = try #require(Snapshot(manifest: Array(forged.manifest.utf8)))
      #expect(read.signature?.key != key.verifying)
    }
  }

  @Test func theKeyIsMadeOnceAndIsItsOwnersAlone() throws {
    let file = archive.keyFile
    #expect(file.path == database.folder + "/snapshot-signing.key")
    #expect(try file.keyIfAny() == nil)
    let key = try file.key().verifying
    #expect(try file.key().verifying == key)
    var status = stat()
    #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    chmod(file.path, 0o640)
    #expect(fault { try file.key() }?.exit == .refused)
    chmod(file.path, 0o600)
    database.write("snapshot-signing.key", [1])
    #expect(fault { try file.key() }?.exit == .data)
  }

  // Cut at every length that matters, each gives a clear fault.
  @Test func aTruncatedFrame() throws {
    let snapshot = try archive.create(at: at(100))
    let whole = contents("\(folder)/\(snapshot.file)")
    for length in [0, 1, 4, 9, 100, whole.count / 2, whole.count - 5, whole.count - 1] {
      database.write("snapshots/\(snapshot.file)", Array(whole[..<length]))
      let found = fault { try archive.verify(snapshot.id, at: at(200)) }
      #expect(found?.exit == .data, "\(length) bytes")
      #expect(found?.cause == "the file is damaged: it is cut short after \(length) bytes")
    }
    #expect(names() == [".lock", "S0001.db.zst", "S0001.json"])
  }

  @Test func aFrameWithSomethingBehindIt() throws {
    let snapshot = try archive.create(at: at(100))
    let whole = contents("\(folder)/\(snapshot.file)")
    for tail in [[0], whole] {
      database.write("snapshots/\(snapshot.file)", whole + tail)
      #expect(fault { try archive.verify(snapshot.id, at: at(200)) }?.exit == .data)
    }
  }

  @Test func aBitFlippedAnywhere() throws {
    let snapshot = try archive.create(at: at(100))
    let whole = contents("\(folder)/\(snapshot.file)")
    // A linear congruential generator (Knuth's MMIX): the same bytes in every run.
    var state: UInt64 = 2026
    let random = (0..<40).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % whole.count
    }
    for index in Array(0..<16) + random + [whole.count - 4, whole.count - 1] {
      var flipped = whole
      flipped[index] ^= 1 << UInt8(index % 8)
      database.write("snapshots/\(snapshot.file)", flipped)
      let found = fault { try archive.verify(snapshot.id, at: at(200)) }
      #expect(found?.exit == .data, "byte \(index)")
    }
    database.write("snapshots/\(snapshot.file)", whole)
    try archive.verify(snapshot.id, at: at(200))
  }

  @Test func aFrameOfAnotherDatabase() throws {
    let snapshot = try archive.create(at: at(100))
    try store.fill(hours: 2000..<2001)
    _ = try archive.create(at: at(200))
    database.write("snapshots/S0001.db.zst", contents("\(folder)/S0002.db.zst"))
    let found = fault { try archive.verify(snapshot.id, at: at(300)) }
    #expect(found?.exit == .data)
  }

  @Test func aFrameThatGrowsBeyondItsManifest() throws {
    let snapshot = try archive.create(at: at(100))
    var lying = snapshot
    lying.rawSizeBytes = 4096
    lying.sign(try archive.keyFile.key())
    database.write("snapshots/S0001.json", Array(lying.manifest.utf8))
    let found = fault { try archive.verify(snapshot.id, at: at(200)) }
    #expect(found?.cause.contains("more than the 4096 bytes") == true)
  }

  @Test(arguments: ["", "{", "[]", #"{"schema":"carillon.snapshot/2"}"#])
  func aManifestThatIsNone(text: String) throws {
    let snapshot = try archive.create(at: at(100))
    database.write("snapshots/S0001.json", Array(text.utf8))
    #expect(fault { try archive.folder.snapshot(snapshot.id) }?.exit == .data)
    #expect(try archive.folder.list().isEmpty)
  }

  /// Every bit and every length of a small snapshot and of its description: some of them, spread by a step
  /// that is prime to eight, unless SNAPSHOT_BITS=all asks for each (make prove-snapshots).
  @Test func everyBitAndEveryLength() throws {
    let small = TestDatabase()
    let archive = SnapshotArchive(store: try small.open(), folder: small.folder + "/snapshots")
    let snapshot = try archive.create(at: at(100))
    let frame = contents("\(small.folder)/snapshots/S0001.db.zst")
    let manifest = contents("\(small.folder)/snapshots/S0001.json")
    var tried = 0
    // The line end behind the description says nothing.
    for (name, whole, lengths) in [
      ("S0001.db.zst", frame, 0..<frame.count), ("S0001.json", manifest, 0..<manifest.count - 1),
    ] {
      tried += FileDamage.each(of: whole, lengths: lengths, step: FileDamage.step(499)) {
        small.write("snapshots/\(name)", $0)
        let found = fault {
          try archive.folder.restore(
            snapshot.id, to: small.folder + "/never.db", isRehearsal: true, at: at(200))
        }
        #expect(found?.exit == .data, "\($1) of \(name)")
      }
      small.write("snapshots/\(name)", whole)
    }
    #expect(tried > 100)
    _ = try archive.verify(snapshot.id, at: at(300))
  }
}

extension Store {
  /// Candles of these hours, fetched by one run.
  func fill(hours: Range<Int64>) throws {
    try write(at: at(1)) { tx in
      let series = try tx.series.register(hourly())
      let run = try tx.runs.claim(
        firing("fetch", hours.lowerBound), holder: HolderID.random())
      guard case .claimed(let id, let attempt) = run else { return }
      try tx.candles.upsert(
        hours.map { candle($0, 1 + Double($0 % 17) / 10) }, series: series, run: id)
      try tx.runs.finish(run: id, attempt: attempt, state: .succeeded)
    }
  }
}
