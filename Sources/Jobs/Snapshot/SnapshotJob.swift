import Disk
import Domain
import Logging
public import Settings
import Store
import StrictYAML

/// Takes a copy of the live database, compressed, and restores it to prove that it can be restored.
struct SnapshotJob: Job {
  let kind = JobKind.snapshot
  let folder: String
  let keep: KeepPolicy
  let verifies: Bool

  init?(_ reader: MappingReader, _ settings: Settings) {
    folder =
      reader.name("directory").map(settings.resolve) ?? SnapshotLocation.folder(of: settings)
    verifies = reader.flag("verify") ?? true
    var policy = KeepPolicy.standard
    if let keep = reader.mapping("keep") {
      func count(_ key: String) -> Int { keep.integer(key, in: 0...10_000) ?? 0 }
      policy = KeepPolicy(
        latest: max(1, count("latest")), daily: count("daily"), weekly: count("weekly"),
        monthly: count("monthly"))
      keep.finish()
    }
    keep = policy
  }

  func run(_ context: JobContext) async throws -> JobResult {
    let archive = SnapshotArchive(store: context.store, folder: folder)
    let stop = context.checkpoint
    let snapshot = try archive.create(at: context.time.now, run: context.run, checkpoint: stop)
    context.log.debug("taken", metadata: ["snapshot": "\(snapshot.id)"])
    try stop()
    if verifies { try archive.verify(snapshot.id, at: context.time.now, checkpoint: stop) }
    let dropped = try archive.prune(keep, at: context.time.now, checkpoint: stop)
    let head = try context.store.read { try $0.audit.head }
    return JobResult(
      summary: "\(snapshot.id), \(snapshot.sizeBytes) of \(snapshot.rawSizeBytes) bytes"
        + (verifies ? ", verified" : "") + (dropped.isEmpty ? "" : ", \(dropped.count) dropped")
        + (head.map { ", audit head \($0)" } ?? ""))
  }
}

/// Where snapshots lie unless a job's `directory` says otherwise.
public enum SnapshotLocation {
  /// The folder `snapshots` beside the database.
  public static func folder(of settings: Settings) -> String {
    FilePath.sibling(of: settings.database, named: "snapshots")
  }
}
