import ArgumentParser
import Domain
import Jobs
import Settings
import Store
import StrictYAML

/// `carillon snapshot prune`
struct SnapshotPruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove the snapshots that the settings do not keep.",
    discussion: """
      By `defaults: { snapshot: { keep } }` of the settings; what a job's `with` says is the job's. What \
      another snapshot that stays cannot be restored without stays too.
      """)

  @Flag(name: .customLong("dry-run"), help: "Say what would go, and remove nothing.")
  var dryRun = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions

  func run() throws {
    let workspace = try Workspace(global)
    let policy = try SnapshotDefaults.keep(workspace.settings)
    let path = options.folder(workspace.settings).path
    let purpose = "carillon snapshot prune"
    let dropped = try workspace.writing(purpose) { store, _ -> [Snapshot] in
      let archive = SnapshotArchive(
        store: store, folder: path, keyFile: .of(workspace.settings))
      guard dryRun else { return try archive.prune(policy, at: SystemTime().now) }
      let plan = try archive.pruning(by: policy)
      for (id, reason) in plan.kept.sorted(by: { $0.key < $1.key }) {
        Console.out("\(id): stays (\(reason))")
      }
      return plan.dropped
    }
    for snapshot in dropped {
      Console.out("\(snapshot.id): \(dryRun ? "would go" : "removed")")
    }
    if dropped.isEmpty { Console.out("nothing to remove") }
  }
}
