import ArgumentParser
import Domain
import Jobs
import Remote
import Service
import Store

/// `carillon snapshot push`
struct SnapshotPushCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "push", abstract: "Send a snapshot's encrypted copy to the remote.",
    discussion: """
      What was cut short goes on where it stopped. Afterwards the remote is thinned out as \
      `snapshot: { remote: { keep } }` says.
      """)

  @Argument(help: "The snapshot's id; the newest unless named.", completion: Completions.snapshot)
  var id: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions

  func work(on worker: WorkerThread) async throws {
    let workspace = try Workspace(global)
    let folder = options.folder(workspace.settings)
    let snapshot = try options.snapshot(id, in: folder)
    let desk = try RemoteOptions.desk(workspace, folder)
    let (store, lock) = try workspace.openForWriting("carillon snapshot push")
    let sent = try await desk.push(snapshot, store, time: SystemTime())
    try store.close()
    withExtendedLifetime(lock) {}
    Console.out(
      "\(snapshot.id): \(sent.pushed.wasThere ? "is there already" : "sent"), "
        + "\(desk.copies.store.place)/\(sent.pushed.copy.name)")
    for copy in sent.pruned.removed { Console.say("removed there: \(copy.name)") }
    for copy in sent.pruned.locked { Console.say("the store keeps it, locked: \(copy.name)") }
  }
}

/// `carillon snapshot pull`
struct SnapshotPullCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Bring a copy back from the remote as a snapshot of this place.",
    discussion: "It is opened, and its signature and hashes are checked, before it gets its name.")

  @Argument(help: "The snapshot's id, or the copy's whole name; the newest unless named.")
  var id: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions
  @OptionGroup var remote: RemoteOptions

  func work(on worker: WorkerThread) async throws {
    let workspace = try Workspace(global)
    let folder = options.folder(workspace.settings)
    let desk = try remote.desk(workspace, folder)
    let trust = try remote.trust(desk)
    let copy = try await remote.copy(id, at: desk)
    let snapshot = try await desk.copies.pull(copy, into: folder, trust)
    Console.out("\(snapshot.id): \(folder.path)/\(snapshot.file), of \(copy.name)")
  }
}

/// `carillon snapshot drill`
struct SnapshotDrillCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "drill", abstract: "Prove that a lost disk can be replaced from the remote.",
    discussion: """
      Brings the newest copy back onto a blank folder, checks whose it is, proves its database as a restore \
      does, and throws it away. Nothing is changed, but what is remembered of the drill.
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions
  @OptionGroup var remote: RemoteOptions
  @OptionGroup var output: OutputOptions

  func work(on worker: WorkerThread) async throws {
    let workspace = try Workspace(global)
    let folder = options.folder(workspace.settings)
    let desk = try remote.desk(workspace, folder)
    let trust = try remote.trust(desk)
    // The disk is what a drill supposes to be lost: it works without a database too.
    var opened: (store: Store, lock: ProcessLock)?
    do { opened = try workspace.openForWriting("carillon snapshot drill") } catch {
      guard (error as? Fault)?.exit == .noInput else { throw error }
    }
    let drill = try await desk.drill(trust, opened?.store, time: SystemTime())
    try opened?.store.close()
    withExtendedLifetime(opened) {}
    if output.json {
      return Console.out(
        JSONValue.object([
          .init("schema", .string("carillon.snapshot.drill/1")),
          .init("copy", .string("\(drill.copy.name)")),
          .init("snapshot", .string("\(drill.snapshot.id)")),
          .init("taken", .string("\(drill.snapshot.taken)")),
          .init("fetch_milliseconds", .number(drill.fetching.milliseconds)),
          .init("prove_milliseconds", .number(drill.proving.milliseconds)),
          .init("rows", .number(drill.snapshot.rows.values.reduce(0, +))),
        ]))
    }
    Console.out(
      "\(drill.copy.name) is good: \(drill.snapshot.rows.values.reduce(0, +)) rows, taken "
        + "\(drill.snapshot.taken)")
    Console.out("brought back in \(drill.fetching), unpacked and proved in \(drill.proving)")
  }
}
