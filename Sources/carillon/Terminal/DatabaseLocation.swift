import Disk
import Domain
import Settings

/// Where the database is, of settings that may be broken: for what must work when all else fails.
struct DatabaseLocation {
  /// The path of the database.
  let path: String

  /// Reads nothing of the settings but `database.path`.
  ///
  /// - Throws: exit 66 when a settings file is named that is not there, or there is no database, nor
  ///   anything that tells that there was one.
  init(_ options: GlobalOptions) throws {
    let environment = Workspace.environment()
    let standard =
      TextFile.exists(Workspace.standardSettingsFile) ? Workspace.standardSettingsFile : nil
    let file = options.setup.settings.config ?? environment["CARILLON_CONFIG"] ?? standard
    let text = try file.map { file throws(Fault) in
      String(
        decoding: try TextFile.bytes(of: file, limit: TextFile.maximumSizeBytes), as: UTF8.self)
    }
    path = Settings.databasePath(in: text ?? "", file: file ?? "", environment: environment)
    guard TextFile.exists(path) || TextFile.exists(path + ".locks") else {
      throw Fault(
        "open the database", path, cause: "there is none yet",
        remedy: "name the settings file: carillon halt -c FILE", exit: .noInput)
    }
  }
}
