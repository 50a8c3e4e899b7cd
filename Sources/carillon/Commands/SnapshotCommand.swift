import ArgumentParser
import Disk
import Domain
import Jobs
import Remote
import Service
import Settings
import Store

/// `carillon snapshot ...`
struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Take, list, prove and restore copies of the database.",
    subcommands: [
      SnapshotCreateCommand.self, SnapshotListCommand.self, SnapshotShowCommand.self,
      SnapshotVerifyCommand.self, SnapshotRestoreCommand.self, SnapshotPruneCommand.self,
      SnapshotPushCommand.self, SnapshotPullCommand.self, SnapshotDrillCommand.self,
      SnapshotKeyCommand.self, SnapshotKeygenCommand.self,
    ])
}

/// What the snapshot commands share.
struct SnapshotOptions: ParsableArguments {
  @Option(help: "The folder of the snapshots (default: snapshots beside the database).")
  var directory: String?

  /// The folder.
  func folder(_ settings: Settings) -> SnapshotFolder {
    SnapshotFolder(directory ?? SnapshotLocation.folder(of: settings))
  }

  /// The snapshot of an id, or the newest that was not found damaged.
  func snapshot(_ text: String?, in folder: SnapshotFolder) throws -> Snapshot {
    guard let text else {
      let all = try folder.list()
      guard let newest = all.filter({ $0.damaged == nil }).max(by: { $0.id < $1.id }) else {
        throw Fault(
          "find a snapshot in", folder.path,
          cause: all.isEmpty ? "there is none" : "all of them are damaged",
          remedy: "carillon snapshot create", exit: .noInput)
      }
      return newest
    }
    guard let id = SnapshotID(text) else {
      throw Fault(
        "read", text, cause: "it is no snapshot's id", remedy: "carillon snapshot list shows them",
        exit: .usage)
    }
    return try folder.snapshot(id)
  }
}

/// `carillon snapshot create`
struct SnapshotCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Take a snapshot now, and prove it by restoring it.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    StandardOutput.outliveReaders()
    let workspace = try Workspace(global)
    let time = SystemTime()
    let snapshot = try workspace.writing("carillon snapshot") { store, _ in
      let archive = SnapshotArchive(
        store: store, folder: options.folder(workspace.settings).path,
        keyFile: .of(workspace.settings))
      let created = try archive.create(at: time.now)
      return try archive.verify(created.id, at: time.now)
    }
    if output.json {
      Console.out(snapshot.answer)
    } else {
      Console.out(
        "\(snapshot.id): \(ByteCount(snapshot.rawSizeBytes)) in \(ByteCount(snapshot.sizeBytes)), "
          + "verified · \(options.folder(workspace.settings).path)/\(snapshot.file)")
    }
  }
}

/// `carillon snapshot list`
struct SnapshotListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the snapshots, newest first.")

  @Flag(name: .customLong("remote"), help: "List the copies at the settings' remote instead.")
  var isRemote = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let workspace = try Workspace(global)
    let folder = options.folder(workspace.settings)
    let clock = try global.clock()
    if isRemote { return try listRemote(workspace, folder, clock) }
    let answer = try SnapshotListAnswer(folder)
    if output.json { return Console.out(answer.json) }
    if answer.snapshots.isEmpty, answer.undescribed.isEmpty {
      Console.say("no snapshots in \(folder.path) yet: carillon snapshot create")
      return
    }
    var table = Table("ID", "TAKEN", ">SIZE", ">DB RAW", "VERIFIED", "KEEP")
    for snapshot in answer.snapshots {
      table.add(
        "\(snapshot.id)", clock.text(snapshot.taken), "\(ByteCount(snapshot.sizeBytes))",
        "\(ByteCount(snapshot.rawSizeBytes))", snapshot.proof(clock),
        snapshot.keep ?? "")
    }
    for name in answer.undescribed { table.add(name, "", "", "", "no description", "") }
    output.print(table)
    if let first = answer.undescribed.first {
      Console.say(
        "what has no description is kept: carillon snapshot restore \(folder.path)/\(first)")
    }
  }
}

extension SnapshotListCommand {
  private func listRemote(
    _ workspace: Workspace, _ folder: SnapshotFolder, _ clock: Clock
  ) throws {
    let desk = try RemoteOptions.desk(workspace, folder)
    let copies = try Blocking.wait { try await desk.copies.list() }.reversed()
    if output.json {
      return Console.out(
        JSONValue.object([
          .init("schema", .string("carillon.snapshot.remote/1")),
          .init("remote", .string(desk.copies.store.place)),
          .init(
            "copies",
            .array(
              copies.map {
                .object([
                  .init("name", .string("\($0.name)")), .init("id", .string("\($0.name.id)")),
                  .init("taken", .string("\($0.name.taken)")),
                  .init("size_bytes", .number($0.sizeBytes)),
                ])
              })),
        ]))
    }
    if copies.isEmpty {
      return Console.say("no copies at \(desk.copies.store.place) yet: carillon snapshot push")
    }
    var table = Table("ID", "TAKEN", ">SIZE", "NAME")
    for copy in copies {
      table.add(
        "\(copy.name.id)", clock.text(copy.name.taken), "\(ByteCount(copy.sizeBytes))",
        "\(copy.name)")
    }
    output.print(table)
  }
}

/// `carillon snapshot verify`
struct SnapshotVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Prove a snapshot by restoring it to a temporary file.")

  @Argument(help: "The snapshot's id; the newest unless named.", completion: Completions.snapshot)
  var id: String?

  @Flag(help: "Prove all of them.")
  var all = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions

  func run() throws {
    StandardOutput.outliveReaders()
    let folder = options.folder(try Workspace(global).settings)
    let chosen = all ? try folder.list() : [try options.snapshot(id, in: folder)]
    var failed: Fault?
    for snapshot in chosen.sorted(by: { $0.id < $1.id }) {
      do {
        _ = try folder.verify(snapshot.id, at: SystemTime().now)
        Console.out("\(snapshot.id): good")
      } catch let fault as Fault where all {
        Console.report(fault)
        failed = fault
      }
    }
    if let failed { throw leave(failed.exit) }
  }
}

/// `carillon snapshot restore`
struct SnapshotRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Put a snapshot back as the database, or beside it.",
    discussion: """
      The snapshot is unpacked and proved first. A database that is there is kept as \
      DATABASE.before-ID. Refused while a carillon runs on it. With --at, where the database's log is \
      shipped (database: ship in the settings), the database as it was at that time.
      """)

  @Argument(
    help: "The snapshot's id, or a FILE.zst; the newest snapshot unless named.",
    completion: Completions.snapshot)
  var id: String?

  @Option(help: "The time to go back to, like 2026-11-29T21:00:00Z, from the log that was shipped.")
  var at: String?

  @Option(help: "Write it there instead of over the database.")
  var to: String?

  @Flag(name: .customLong("dry-run"), help: "Prove all, change nothing.")
  var dryRun = false

  @Flag(help: "Replace a database that is there.")
  var force = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions
  @OptionGroup var remote: RemoteOptions

  func validate() throws {
    if at != nil, id != nil {
      throw ValidationError("name a snapshot or a time with --at, not both")
    }
    if at != nil, remote.from != nil {
      throw ValidationError("--at goes by the shipped log beside the database, --from does not")
    }
    if let at, Instant(rfc3339: at) == nil {
      throw ValidationError("--at \(at) is no time; write it like 2026-11-29T21:00:00Z")
    }
  }

  func run() throws {
    StandardOutput.outliveReaders()
    let workspace = try Workspace(global)
    let settings = workspace.settings
    let target = to ?? settings.database
    if let time = at.flatMap({ Instant(rfc3339: $0) }) {
      return try restoreShipped(time, settings, to: target)
    }
    guard remote.from != nil else {
      let (folder, snapshot) = try source(settings)
      return try restore(snapshot, in: folder, to: target)
    }
    try restoreRemote(workspace, to: target)
  }

  /// The database as the shipped log has it at a time.
  private func restoreShipped(_ time: Instant, _ settings: Settings, to target: String) throws {
    let spool = LogSpool(database: settings.database)
    let (name, reached) = try PointInTime(spool).write(at: time)
    defer { spool.discard(name) }
    Console.say("as it was at \(reached), the last that was shipped by \(time)")
    let folder = SnapshotFolder(spool.path)
    try restore(try folder.describe(name), in: folder, to: target)
  }

  /// Brings the copy back into a folder beside the target, which is removed again.
  private func restoreRemote(_ workspace: Workspace, to target: String) throws {
    let fetched = SnapshotFolder(FilePath.sibling(of: target, named: ".carillon-fetched"))
    let (id, remote) = (id, remote)
    // What a restore that was killed left.
    try fetched.removeAll()
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
    for finding in done.findings { Console.say("its books do not add up: \(finding)") }
    if let kept = done.kept { Console.out("the database before it is kept as \(kept)") }
    if let head = done.auditHead { Console.out("its audit ended with \(head)") }
    if let head = done.abandonedHead {
      Console.out("the audit of the one before ended with \(head)")
    }
    if let log = done.keptLog { Console.out("a journal that lay there is kept as \(log)") }
  }
}

extension Snapshot {
  /// Its id, or the file's name where it has none.
  fileprivate var name: String { file == "\(id).db.zst" ? "\(id)" : file }

  /// Whether it is known to be whole, for people.
  fileprivate func proof(_ clock: Clock) -> String {
    if let damaged { return "damaged since \(clock.text(damaged))" }
    return verified == nil ? "no" : "yes"
  }
}
