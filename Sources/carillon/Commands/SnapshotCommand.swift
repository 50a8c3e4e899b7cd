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

  @Flag(help: "A whole one, whatever `snapshot: { deltas }` says.")
  var whole = false

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
        keyFile: .of(workspace.settings),
        chains: .init(deltas: workspace.settings.snapshot.deltas),
        level: workspace.settings.snapshot.level)
      let created = try archive.create(at: time.now, whole: whole)
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

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    StandardOutput.outliveReaders()
    let folder = options.folder(try Workspace(global).settings)
    let chosen = all ? try folder.list() : [try options.snapshot(id, in: folder)]
    var failed: Fault?
    var answers: [JSONValue] = []
    for snapshot in chosen.sorted(by: { $0.id < $1.id }) {
      var cause: String?
      do {
        _ = try folder.verify(snapshot.id, at: SystemTime().now)
        if !json { Console.out("\(snapshot.id): good") }
      } catch let fault as Fault where all || json {
        if !json { Console.report(fault) }
        (failed, cause) = (fault, fault.cause)
      }
      answers.append(
        .object([
          .init("id", .string("\(snapshot.id)")), .init("good", .bool(cause == nil)),
          .init("cause", cause.map { .string($0) } ?? .null),
        ]))
    }
    if json {
      Console.out(
        JSONValue.object([
          .init("schema", .string("carillon.snapshot.verify/1")),
          .init("snapshots", .array(answers)),
        ]))
    }
    if let failed { throw leave(failed.exit) }
  }
}

extension Snapshot {
  /// Its id, or the file's name where it has none.
  var name: String { parent != nil || file == "\(id).db.zst" ? "\(id)" : file }

  /// Whether it is known to be whole, for people.
  fileprivate func proof(_ clock: Clock) -> String {
    if let damaged { return "damaged since \(clock.text(damaged))" }
    return verified == nil ? "no" : "yes"
  }
}
