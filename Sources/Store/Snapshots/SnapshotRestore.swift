import Disk
public import Domain
import GRDB
import Glibc

/// What a restore did, or, when it was a rehearsal, would have done.
public struct Restoration: Hashable, Sendable {
  /// The snapshot.
  public var snapshot: Snapshot
  /// The database that it became.
  public var path: String
  /// Where the database that was there lies now; nil when there was none.
  public var kept: String?
  /// Where a journal lies now that was there without a database; nil when there was none.
  public var keptLog: String?
  /// When it was proved before, which was not done again: its bytes are those that were proved; nil where it
  /// was proved now.
  public var provedBefore: Instant?
  /// Where the books in it do not add up, in words; it is restored all the same.
  public var findings: [String] = []
  /// The newest link of the audit of the snapshot; nil where nothing was chained, or nothing noted.
  public var auditHead: String?
  /// The newest link of the audit of the database that was replaced, or why it cannot be told; nil
  /// where there was none, or nothing was noted.
  public var abandonedHead: String?
  /// Who holds the database at the path, as text for people: then only a rehearsal is possible.
  public var holder: String?
}

extension Restoration {
  fileprivate mutating func take(_ outcome: SnapshotFolder.Outcome) {
    (provedBefore, findings) = (outcome.provedBefore, outcome.findings)
    (auditHead, abandonedHead) = (outcome.heads?.restored, outcome.heads?.abandoned)
  }
}

extension SnapshotFolder {
  /// Puts a snapshot in place of a database, or beside it.
  ///
  /// The snapshot is unpacked and proved first (one that was proved before: held against its hashes, which
  /// tell the same bytes, unless `provesAgain` or a rehearsal asks for more), then the database that is there is kept as
  /// `<path>.before-<id>`, then the new one takes its name in one step: a process killed anywhere
  /// leaves the one or the other, whole. Where the path is a symbolic link, its target is replaced.
  ///
  /// - Parameters:
  ///   - id: the snapshot.
  ///   - path: where the database is to be.
  ///   - force: whether a database that is there is replaced.
  ///   - isRehearsal: whether all is proved and nothing is changed.
  ///   - actor: who is written into the restored database's audit, with the head it comes from and the
  ///     one that is abandoned; nil for a copy, which stays as the snapshot was.
  ///   - now: when.
  ///   - checkpoint: called every few megabytes; what it throws ends the work and leaves nothing.
  /// - Throws: exit 75 when `carillon run` or another process holds the database, 77 when it is
  ///   there and `force` is not given, 65 when the snapshot is damaged, 73 or 74 when the directory
  ///   or disk refuses.
  public func restore(
    _ id: SnapshotID, to path: String, force: Bool = false, isRehearsal: Bool = false,
    by actor: Actor? = nil, at now: Instant, checkpoint: () throws -> Void = {}
  ) throws -> Restoration {
    try restore(
      try snapshot(id), to: path, force: force, isRehearsal: isRehearsal, by: actor, at: now,
      checkpoint: checkpoint)
  }

  /// Puts a snapshot in place of a database, or beside it: one that is listed, or one that
  /// `describe` has looked into.
  public func restore(
    _ snapshot: Snapshot, to path: String, force: Bool = false, isRehearsal: Bool = false,
    by actor: Actor? = nil, at now: Instant, checkpoint: () throws -> Void = {}
  ) throws -> Restoration {
    let path = FilePath.target(of: path)
    let id =
      snapshot.parent != nil
      ? "\(snapshot.id)"
      : snapshot.file.hasSuffix(".db.zst") ? String(snapshot.file.dropLast(7)) : snapshot.file
    guard snapshot.schemaVersion <= Schema.version else {
      throw refused(
        id,
        "it was taken by a newer Carillon (schema \(snapshot.schemaVersion), this one knows "
          + "\(Schema.version))", "run the newer Carillon, or use an older snapshot", .data)
    }
    var restoration = Restoration(snapshot: snapshot, path: path)
    let written = lastWrite(to: path)
    if isRehearsal {
      restoration.holder = try DaemonLock.holder(of: path)
      if written != nil { restoration.kept = name(for: path, before: id) }
      restoration.take(try unpackAndProve(snapshot, to: path, nil, checkpoint))
      return restoration
    }
    let note = actor.map { RestoreNote(snapshot: id, actor: $0, now: now) }
    guard let written else {
      // The journal of a transaction that was cut would be played back over the new file.
      let journal = path + "-journal"
      if access(journal, F_OK) == 0 {
        let kept = name(for: path, before: id) + "-journal"
        guard rename(journal, kept) == 0 else { throw FileFault.of("keep", journal, errno) }
        restoration.keptLog = kept
      }
      restoration.take(try unpackAndProve(snapshot, to: path, place: .asNew, note, checkpoint))
      return restoration
    }
    let exists = "\(path) exists (written \((now - written).rounded) ago)"
    let locks = try lock(path, exists, id, at: now)
    return try withExtendedLifetime(locks) {
      guard force else {
        throw refused(id, exists, "look first, or say --force to replace it", .refused)
      }
      try removeLeftovers(beside: path)
      let kept = name(for: path, before: id)
      restoration.kept = kept
      restoration.take(
        try unpackAndProve(snapshot, to: path, place: .instead(kept), note, checkpoint))
      return restoration
    }
  }

  /// What is held during a restore, so that nobody uses the database.
  private struct Locks: ~Copyable {
    var daemon: DaemonLock
    var gate: LockFile
    /// Nil where only a log is left of the database.
    var file: NameLock?
  }

  private func lock(
    _ path: String, _ exists: String, _ id: String, at now: Instant
  ) throws(Fault) -> Locks {
    let remedy = "stop it first; look with --dry-run, or restore beside it with --to"
    let daemon: DaemonLock
    do {
      daemon = try DaemonLock.acquire(path, purpose: "carillon snapshot restore", now: now)
    } catch let fault where fault.exit == .tryAgain {
      let holder = try DaemonLock.holder(of: path) ?? "just gone"
      throw refused(id, "\(exists) and `carillon run` holds it (\(holder))", remedy, .tryAgain)
    }
    let folder = LockFolder(database: path)
    try folder.make()
    let gate = try folder.openGate()
    guard gate.take(shared: false, patient: true) else {
      let holders = folder.holders().joined(separator: "; ")
      throw refused(id, "\(exists) and is in use (\(holders))", remedy, .tryAgain)
    }
    guard access(path, F_OK) == 0 else { return Locks(daemon: daemon, gate: gate, file: nil) }
    do {
      return Locks(daemon: daemon, gate: gate, file: try NameLock.takeAlone(path))
    } catch let fault where fault.exit == .tryAgain {
      throw refused(id, "\(exists) and is in use", remedy, .tryAgain)
    }
  }

  /// Removes the unpacked files of restores that were killed, which may be large.
  private func removeLeftovers(beside path: String) throws {
    let folder = FilePath.folder(of: path)
    let name = FilePath.name(of: path)
    for file in try SnapshotFolder(folder).names() {
      let isTemporary = file.hasPrefix(".") && file.contains(".tmp")
      let isUnpacked = file.hasPrefix("\(name).restore-S")
      let words = [".\(name).restore-", ".\(name).before-"]
      guard isUnpacked || isTemporary && words.contains(where: file.hasPrefix) else { continue }
      unlink("\(folder)/\(file)")
    }
  }

  /// What becomes of the file that was unpacked.
  private enum Place {
    /// It is removed again.
    case nowhere
    /// It takes a name that nobody has.
    case asNew
    /// It takes the name of another, which is kept under this one.
    case instead(String)
  }

  /// What the proof of an unpacked file found, and the links of the audits that its note tells.
  fileprivate struct Outcome {
    var provedBefore: Instant?
    var findings: [String] = []
    var heads: RestoreNote.Heads?
  }

  private func unpackAndProve(
    _ snapshot: Snapshot, to path: String, place: Place = .nowhere, _ note: RestoreNote?,
    _ checkpoint: () throws -> Void
  ) throws -> Outcome {
    var outcome = Outcome()
    let isReplacing = if case .instead(let kept) = place { kept } else { nil as String? }
    var file = try NewFile(isReplacing ?? "\(path).restore-\(snapshot.file)")
    defer { removeDatabase(file.temporary) }
    try unpack(snapshot, into: file, checkpoint: checkpoint)
    // Nobody uses the new file either until it has its name and all is done.
    let alone = try NameLock.takeAlone(file.temporary)
    defer { withExtendedLifetime(alone) {} }
    let proof = SnapshotProof(of: snapshot, in: file.temporary)
    if case .nowhere = place {} else { outcome.provedBefore = proofOnRecord(of: snapshot) }
    if outcome.provedBefore == nil { outcome.findings = try proof.check(checkpoint) }
    if let expectedHead { try proof.expect(expectedHead) }
    switch place {
    case .nowhere: return outcome
    case .asNew:
      outcome.heads = try note?.write(into: file.temporary, insteadOf: nil)
      try file.commit()
      try FileNames.take(path, from: file.path)
    case .instead(let kept):
      try setLogsAside(of: path, as: kept)
      outcome.heads = try note?.write(into: file.temporary, insteadOf: path)
      try file.commit()
      try FileNames.exchange(kept, with: path)
      for suffix in ["-journal", "-wal", "-shm"] { unlink(path + suffix) }
    }
    try Folder.sync(FilePath.folder(of: path))
    return outcome
  }

  /// When a snapshot was proved, as far as that is believed: what is signed has no other bytes since.
  private func proofOnRecord(of snapshot: Snapshot) -> Instant? {
    guard !provesAgain, snapshot.signature != nil, snapshot.damaged == nil else { return nil }
    return snapshot.verified
  }

  /// Folds the present database's log into it, since beside the new file it would be taken for that
  /// one's. Nothing else of it is changed: an older program must be able to open it.
  ///
  /// Where the file is too damaged for that, or gone, or has the journal of a transaction that was
  /// cut, which may be another program's, its logs are kept as they are: they are copied first, since
  /// the attempt may spoil them.
  private func setLogsAside(of path: String, as kept: String) throws {
    let logs = ["-wal", "-journal"].filter { access(path + $0, F_OK) == 0 }
    for log in logs { try copy(path + log, to: kept + log) }
    guard logs == ["-wal"], access(path, F_OK) == 0 else { return }
    do throws(Fault) {
      try StoreFault.mapping("fold the log of", path) {
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try database.close()
      }
      unlink(kept + "-wal")
    } catch {
      guard error.exit == .data || error.exit == .cannotCreate else { throw error }
    }
  }

  private func copy(_ source: String, to target: String) throws {
    let input = try InputFile(source)
    var output = try NewFile(target)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      try buffer.withUnsafeBytes {
        try output.write(UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
    }
    try output.commit()
  }

  /// `carillon.db.before-S0120`, with a number when that is taken.
  private func name(for path: String, before id: String) -> String {
    let first = "\(path).before-\(id)"
    guard access(first, F_OK) == 0 else { return first }
    var number = 2
    while access("\(first).\(number)", F_OK) == 0 { number += 1 }
    return "\(first).\(number)"
  }

  private func lastWrite(to path: String) -> Instant? {
    var newest: Instant?
    for name in [path, path + "-wal"] {
      var status = stat()
      guard stat(name, &status) == 0 else { continue }
      let time = Instant(seconds: Int64(status.st_mtim.tv_sec))
      newest = max(newest ?? time, time)
    }
    return newest
  }

  private func refused(
    _ id: String, _ cause: String, _ remedy: String, _ exit: ExitCode
  ) -> Fault {
    Fault("restore", "\(id)", cause: cause, remedy: remedy, exit: exit)
  }
}
