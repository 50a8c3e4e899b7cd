import Domain
import Logging
import Net
import Remote
import Settings
import Store
import StrictYAML

/// Takes a copy of the live database, compressed, restores it to prove that it can be restored, and sends
/// it away; or proves all copies that are here; or brings the newest one back from far away.
struct SnapshotJob: Job {
  /// What it does.
  enum Task: String, CaseIterable, Sendable {
    /// Takes a snapshot.
    case take
    /// Proves all that are here.
    case verify
    /// Brings the newest remote copy back onto a blank folder, proves it, throws it away.
    case drill
  }

  let kind = JobKind.snapshot
  let folder: String
  let keep: KeepPolicy
  let verifies: Bool
  let task: Task
  private let settings: Settings
  private let transport: any HTTPTransport

  init?(_ reader: MappingReader, _ settings: Settings, _ transport: any HTTPTransport) {
    (self.settings, self.transport) = (settings, transport)
    folder =
      reader.name("directory").map(settings.resolve) ?? SnapshotLocation.folder(of: settings)
    verifies = reader.flag("verify") ?? true
    task = reader.choice("task") ?? .take
    keep = reader.keepPolicy("keep") ?? .standard
    if task == .drill, settings.snapshot.remote?.identityFile == nil {
      reader.log.error(
        at: reader.value("task") ?? reader.node,
        settings.snapshot.remote == nil
          ? "a drill needs `snapshot: { remote }` in the settings"
          : "a drill needs `identity-file` in `snapshot: { remote }` of the settings",
        mend: "docs/how-to/back-up-and-restore.md says what that costs")
    }
  }

  func run(_ context: JobContext) async throws -> JobResult {
    switch task {
    case .take: try await take(context)
    case .verify: try verifyAll(context)
    case .drill: try await drill(context)
    }
  }

  private func archive(_ context: JobContext) -> SnapshotArchive {
    SnapshotArchive(
      store: context.store, folder: folder, keyFile: .of(settings),
      chains: .init(deltas: settings.snapshot.deltas), level: settings.snapshot.level)
  }

  private func desk(_ context: JobContext) throws(Fault) -> RemoteDesk {
    try RemoteDesk(
      settings, folder: SnapshotFolder(folder), transport: transport, time: context.time)
  }

  private func take(_ context: JobContext) async throws -> JobResult {
    let archive = archive(context)
    let stop = context.checkpoint
    var snapshot = try archive.create(at: context.time.now, run: context.run, checkpoint: stop)
    context.log.debug("taken", metadata: ["snapshot": "\(snapshot.id)"])
    try stop()
    if verifies {
      snapshot = try archive.verify(snapshot.id, at: context.time.now, checkpoint: stop)
    }
    let dropped = try archive.prune(keep, at: context.time.now, checkpoint: stop)
    let (sent, caveat) = try await send(snapshot, context)
    return JobResult(
      summary: "\(snapshot.id), \(snapshot.sizeBytes) of \(snapshot.rawSizeBytes) bytes"
        + (verifies ? ", verified" : "") + (dropped.isEmpty ? "" : ", \(dropped.count) dropped")
        + sent + (snapshot.auditHead.map { ", audit head \($0)" } ?? ""), caveat: caveat)
  }

  /// The snapshot is taken and proved by now: whatever ails the remote, it stays, and is told.
  private func send(
    _ snapshot: Snapshot, _ context: JobContext
  ) async throws -> (summary: String, caveat: String?) {
    // A rehearsal sends nothing anywhere.
    guard settings.snapshot.remote != nil, context.store.mode != .rehearsal else {
      return ("", nil)
    }
    do {
      let sent = try await desk(context).push(
        snapshot, context.store, time: context.time, checkpoint: context.checkpoint)
      let pruned = sent.pruned.removed.count
      return (", sent" + (pruned == 0 ? "" : ", \(pruned) dropped there"), nil)
    } catch let fault as Fault {
      return ("", "partial: not sent: \(fault)")
    }
  }

  private func verifyAll(_ context: JobContext) throws -> JobResult {
    let archive = archive(context)
    let all = try archive.folder.list()
    var failures: [Fault] = []
    for snapshot in all {
      try context.checkpoint()
      do {
        try archive.verify(snapshot.id, at: context.time.now, checkpoint: context.checkpoint)
      } catch let fault as Fault where fault.exit == .data || fault.exit == .noInput {
        failures.append(fault)
      }
    }
    if let first = failures.first {
      throw Fault(
        "prove", "\(failures.count) of \(all.count) snapshots", cause: "\(first)",
        remedy: "carillon snapshot verify --all", exit: .data)
    }
    try context.store.write(at: context.time.now) {
      try $0.service.tell(.snapshotsVerified, "\(all.count)")
    }
    return JobResult(summary: "\(all.count) snapshots verified")
  }

  private func drill(_ context: JobContext) async throws -> JobResult {
    guard context.store.mode != .rehearsal else { return JobResult(summary: "not in a rehearsal") }
    let desk = try desk(context)
    let drill = try await desk.drill(
      try desk.trust(), context.store, time: context.time, checkpoint: context.checkpoint)
    return JobResult(
      summary: "\(drill.copy.name) brought back in \(drill.fetching), proved in \(drill.proving)")
  }
}
