import ArgumentParser
import Disk
import Domain
import Jobs
import Scheduler
import Service
import Settings
import Store
import StrictYAML

/// What a shell proposes at the Tab key where a name of the set-up belongs. A set-up that cannot be read
/// proposes nothing: the command itself tells why.
enum Completions {
  /// The jobs of the schedules file.
  static var job: CompletionKind { .custom { words, _, _ in names(words) { try $0.jobs() } } }
  /// A job, or a symbol of the settings.
  static var subject: CompletionKind {
    .custom { words, _, _ in names(words) { try $0.jobs() + $0.symbols } }
  }
  /// The symbols of the settings.
  static var symbol: CompletionKind { .custom { words, _, _ in names(words) { $0.symbols } } }
  /// The snapshots there are.
  static var snapshot: CompletionKind {
    .custom { words, _, _ in names(words) { try $0.snapshots() } }
  }
  /// The zones that the machine knows.
  static var zone: CompletionKind { .custom { _, _, _ in ZoneDatabase.names } }
  /// A file of YAML.
  static var yaml: CompletionKind { .file(extensions: ["yaml", "yml"]) }

  private static func names(
    _ words: [String], _ ask: (NamedSetup) throws -> [String]
  ) -> [String] {
    do { return try ask(try NamedSetup(words)) } catch { return [] }
  }
}

/// The names of the set-up that an unfinished command line is about. It reads without a word: what is
/// printed here would stand in the middle of the line.
private struct NamedSetup {
  private let settings: Settings
  private let schedulesPath: String

  init(_ words: [String]) throws {
    func value(of options: String...) -> String? {
      words.dropLast().lastIndex { options.contains($0) }.map { words[$0 + 1] }
    }
    let environment = Workspace.environment()
    var options = SettingsOptions()
    options.config = value(of: "-c", "--config")
    let source = try Workspace.settingsSource(options, environment)
    settings = try Workspace.settings(of: source, environment).settings
    schedulesPath =
      value(of: "--schedules") ?? environment["CARILLON_SCHEDULES"]
      ?? settings.resolve(Workspace.schedulesFile)
  }

  var symbols: [String] { (settings.market.symbols ?? []).map { "\($0)" } }

  func jobs() throws -> [String] {
    try Schedule.parse(try TextFile.read(schedulesPath), at: schedulesPath).jobs.map(\.name.text)
  }

  func snapshots() throws -> [String] {
    try SnapshotFolder(SnapshotLocation.folder(of: settings)).list().map { "\($0.id)" }
  }
}
