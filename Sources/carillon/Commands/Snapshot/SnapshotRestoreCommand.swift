import ArgumentParser
import Disk
import Domain
import Jobs
import Remote
import Service
import Settings
import Store

/// `carillon snapshot restore`
struct SnapshotRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Put a snapshot back as the database, or beside it.",
    discussion: """
      The snapshot is unpacked and proved first. A database that is there is kept as \
      DATABASE.before-ID. Refused while a carillon runs on it. With --at, where the database's log is \
      shipped (database: ship in the settings), the database as it was at that time; with --from too, from \
      the log that was sent away.
      """)

  @Argument(
    help: "The snapshot's id, or a FILE.zst; the newest snapshot unless named.",
    completion: Completions.snapshot)
  var id: String?

  @Option(
    help:
      "The time to go back to, like 2026-11-29T21:00:00Z, or latest, from the log that was shipped."
  )
  var at: String?

  @Option(help: "Write it there instead of over the database.")
  var to: String?

  @Flag(name: .customLong("dry-run"), help: "Prove all, change nothing.")
  var dryRun = false

  @Option(
    help: "A link of the audit, as status and alerts told it: what is restored must hold it.")
  var expectHead: String?

  @Flag(help: "Replace a database that is there.")
  var force = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions
  @OptionGroup var remote: RemoteOptions

  func validate() throws {
    if at != nil, id != nil {
      throw ValidationError("name a snapshot or a time with --at, not both")
    }
    if let at, Self.time(at) == nil {
      throw ValidationError("--at \(at) is no time; write it like 2026-11-29T21:00:00Z, or latest")
    }
  }

  private static func time(_ text: String) -> Instant? {
    text == "latest" ? .distantFuture : Instant(rfc3339: text)
  }

  func run() throws {
    StandardOutput.outliveReaders()
    let workspace = try Workspace(global)
    let settings = workspace.settings
    let target = to ?? settings.database
    if let time = at.flatMap(Self.time) {
      guard remote.from != nil else {
        return try restoreShipped(time, LogSpool(database: settings.database), to: target)
      }
      return try restoreRemoteLog(time, workspace, to: target)
    }
    guard remote.from != nil else {
      let (folder, snapshot) = try source(settings)
      return try restore(snapshot, in: folder, to: target)
    }
    try restoreRemote(workspace, to: target)
  }

  /// The database as the shipped log has it at a time.
  private func restoreShipped(_ time: Instant, _ spool: LogSpool, to target: String) throws {
    let written = try PointInTime(spool).write(at: time)
    defer { spool.discard(written.name) }
    Console.say(
      "as it was at \(written.time), the last that was shipped"
        + (at == "latest" ? "" : " by \(time)"))
    let folder = SnapshotFolder(spool.path)
    try restore(try folder.describe(written.name), in: folder, to: target)
  }

  /// Brings the log back into a folder beside the target, which is removed again.
  private func restoreRemoteLog(
    _ time: Instant, _ workspace: Workspace, to target: String
  ) throws {
    let path = FilePath.sibling(of: target, named: ".carillon-fetched")
    let remote = remote
    try Self.removeFetched(path)
    let outcome = Result {
      let spool = try Blocking.wait {
        let desk = try remote.desk(workspace, SnapshotFolder(path))
        let trust = try remote.trust(desk)
        Console.say("fetching the log of \(desk.log.store.place)")
        return try await desk.log.fetch(at: time, into: path, trust)
      }
      try restoreShipped(time, spool, to: target)
    }
    try Self.removeFetched(path)
    try outcome.get()
  }

  /// Removes what was fetched: snapshots, or the log with a folder for its generation.
  private static func removeFetched(_ path: String) throws {
    for name in try Folder.namesIfAny(in: path) ?? [] where name.hasPrefix("G") {
      try SnapshotFolder("\(path)/\(name)").removeAll()
    }
    try SnapshotFolder(path).removeAll()
  }

  /// Brings the copy back into a folder beside the target, which is removed again.
  private func restoreRemote(_ workspace: Workspace, to target: String) throws {
    let fetched = SnapshotFolder(FilePath.sibling(of: target, named: ".carillon-fetched"))
    let (id, remote) = (id, remote)
    // What a restore that was killed left.
    try Self.removeFetched(fetched.path)
    let outcome = Result {
      let snapshot = try Blocking.wait {
        let desk = try remote.desk(workspace, fetched)
        let trust = try remote.trust(desk)
        let copy = try await remote.copy(id, at: desk)
        Console.say("fetching \(copy.name), \(ByteCount(copy.sizeBytes))")
        return try await desk.copies.pull(copy, into: fetched, trust)
      }
      try restore(snapshot, in: fetched, to: target)
    }
    try fetched.removeAll()
    try outcome.get()
  }

  private func restore(
    _ snapshot: Snapshot, in folder: SnapshotFolder, to target: String
  ) throws {
    var folder = folder
    folder.expectedHead = expectHead
    // What has become of a copy since is not signed.
    folder.provesAgain = remote.from != nil
    if expectHead == nil, remote.from != nil {
      Console.say(
        "no --expect-head: a store that was rolled back as a whole would not be noticed")
    }
    let named =
      at.map { "--at \($0)" } ?? (SnapshotID(id ?? "S1") == nil ? id ?? "" : "\(snapshot.id)")
    do {
      let done = try folder.restore(
        snapshot, to: target, force: force, isRehearsal: dryRun, by: to == nil ? .process : nil,
        at: SystemTime().now)
      tell(done, target)
    } catch let fault as Fault where fault.exit == .tryAgain || fault.exit == .refused {
      Console.report(fault)
      Console.say("  look first:   carillon snapshot restore \(named) --dry-run")
      Console.say("  beside it:    carillon snapshot restore \(named) --to ./check.db")
      Console.say(
        "  replace it:   stop carillon, then  carillon snapshot restore \(named) --force")
      throw leave(fault.exit)
    }
  }

  /// The snapshot and its folder: of an id, or of a file wherever it lies.
  private func source(_ settings: Settings) throws -> (SnapshotFolder, Snapshot) {
    guard let id, SnapshotID(id) == nil, id.hasSuffix(".zst") else {
      let folder = options.folder(settings)
      return (folder, try options.snapshot(id, in: folder))
    }
    let folder = SnapshotFolder(FilePath.folder(of: id))
    return (folder, try folder.describe(FilePath.name(of: id)))
  }

  private func tell(_ done: Restoration, _ target: String) {
    let rows = done.snapshot.rows.values.reduce(0, +)
    guard !dryRun else {
      Console.out("\(done.snapshot.name) is good: \(rows) rows, taken \(done.snapshot.taken)")
      if let kept = done.kept { Console.out("--force would keep the present database as \(kept)") }
      if let holder = done.holder { Console.out("stop it first: \(holder) holds \(target)") }
      return
    }
    Console.out("\(done.snapshot.name) restored to \(done.path): \(rows) rows")
    if let time = done.provedBefore {
      Console.say("its bytes are those that were proved at \(time)")
    }
    for finding in done.findings { Console.say("its books do not add up: \(finding)") }
    if let kept = done.kept { Console.out("the database before it is kept as \(kept)") }
    if let head = done.auditHead { Console.out("its audit ended with \(head)") }
    if let head = done.abandonedHead {
      Console.out("the audit of the one before ended with \(head)")
    }
    if let log = done.keptLog { Console.out("a journal that lay there is kept as \(log)") }
  }
}
