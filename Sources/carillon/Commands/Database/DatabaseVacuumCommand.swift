import ArgumentParser
import Domain
import Service
import Settings
import Store

/// `carillon db vacuum`
struct DatabaseVacuumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vacuum", abstract: "Write the database anew without its empty pages.",
    discussion: """
      The new file is made beside the database, which needs as much room again, is proved, and takes \
      its place in one step. Refused while a carillon uses the database.
      """)

  @OptionGroup var global: SetupOptions

  func run() throws {
    StandardOutput.outliveReaders()
    let workspace = try Workspace(global)
    // Tells that there is none, where there is none.
    try workspace.existingStore().close()
    let done = try DatabaseVacuum.run(
      workspace.settings.database, by: .process, at: SystemTime().now)
    Console.out("\(ByteCount(done.before)) before, \(ByteCount(done.after)) now")
  }
}
