import Disk
public import Domain
public import Settings
public import Store
public import StrictYAML

/// Where snapshots lie unless a job's `directory` says otherwise.
public enum SnapshotLocation {
  /// The folder `snapshots` beside the database.
  public static func folder(of settings: Settings) -> String {
    FilePath.sibling(of: settings.database, named: "snapshots")
  }
}

extension SnapshotKeyFile {
  /// The file that the settings name, or the one beside the database.
  public static func of(_ settings: Settings) -> SnapshotKeyFile {
    settings.snapshot.signingKeyFile.map { SnapshotKeyFile($0) } ?? .beside(settings.database)
  }
}

/// What the settings say of all snapshots.
public enum SnapshotDefaults {
  /// Which snapshots stay, by `defaults: { snapshot: { keep } }`.
  ///
  /// - Throws: the mistakes in it.
  public static func keep(_ settings: Settings) throws(Diagnostics) -> KeepPolicy {
    guard let node = settings.defaults[.snapshot] else { return .standard }
    let log = DiagnosticLog()
    let policy = MappingReader(node, log: log).keepPolicy("keep")
    guard !log.hasErrors else { throw log.diagnostics }
    return policy ?? .standard
  }
}
