import ArgumentParser
import Domain
import Service
import Store

/// `carillon snapshot show`
struct SnapshotShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a snapshot's description tells, and whose it is.")

  @Argument(help: "The snapshot's id; the newest unless named.", completion: Completions.snapshot)
  var id: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var options: SnapshotOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let workspace = try Workspace(global)
    let folder = options.folder(workspace.settings)
    let snapshot = try options.snapshot(id, in: folder)
    if output.json { return Console.out(snapshot.answer) }
    let clock = try global.clock()
    Console.out("\(snapshot.id)  \(folder.path)/\(snapshot.file)")
    Console.out("taken     \(clock.text(snapshot.taken))")
    Console.out(
      "size      \(ByteCount(snapshot.sizeBytes)), \(ByteCount(snapshot.rawSizeBytes)) unpacked")
    Console.out("sha256    \(snapshot.sha256)")
    if let sha256 = snapshot.rawSHA256 { Console.out("unpacked  \(sha256)") }
    if let sha256 = snapshot.pagesSHA256 { Console.out("pages     \(sha256)") }
    Console.out(
      "schema    \(snapshot.schemaVersion)" + (snapshot.writer.map { ", by carillon \($0)" } ?? ""))
    Console.out("signed    \(snapshot.signature.map { "by \($0.key)" } ?? "no")")
    Console.out(
      "verified  "
        + (snapshot.damaged.map { "damaged since \(clock.text($0))" }
          ?? snapshot.verified.map { clock.text($0) } ?? "never"))
    if let head = snapshot.auditHead { Console.out("audit     ends with \(head)") }
    if let keep = snapshot.keep { Console.out("kept as   \(keep)") }
    for (account, held) in (snapshot.ledger ?? [:]).sorted(by: { $0.key < $1.key }) {
      let sums = held.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      Console.out("held      \(account): \(sums.joined(separator: ", "))")
    }
    let rows = snapshot.rows.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    Console.out("rows      " + rows.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
  }
}
