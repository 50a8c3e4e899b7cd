import ArgumentParser
import Disk
import Domain
import Scheduler
import Service
import Settings

/// `carillon init`
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a paper-trading set-up: settings, schedules, a model.")

  @Argument(help: "The folder to write to.", completion: .directory)
  var folder: String

  func run() throws {
    StandardOutput.outliveReaders()
    for part in ["", "/schedules", "/schedules/schemas", "/models"] {
      try TextFile.makeDirectory(folder + part)
    }
    let files = [
      ("carillon.yaml", InitTemplates.settings),
      ("schedules/carillon.yaml", InitTemplates.schedules),
      ("schedules/schemas/schedules.schema.json", ScheduleSchema.text),
      ("models/momentum.json", BuiltInModel.text), (".env", InitTemplates.environment),
    ]
    if let present = files.map({ "\(folder)/\($0.0)" }).first(where: TextFile.exists) {
      throw Fault(
        "write a set-up to", folder, cause: "\(present) exists already",
        remedy: "choose another folder, or move it away; nothing was changed", exit: .cannotCreate)
    }
    for (name, text) in files { try TextFile.create("\(folder)/\(name)", text) }
    files.forEach { Console.out("wrote \(folder)/\($0.0)") }
    Console.say(
      """
      next:
        cd \(folder.quotedForShells)
        carillon job run fetch --chain     one round by hand, on Binance's public data, on paper
        carillon run                       the scheduler, until Ctrl-C
        carillon status                    from another terminal
      """)
  }
}
