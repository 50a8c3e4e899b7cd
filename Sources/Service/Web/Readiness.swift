import Disk
import Domain
import Glibc
import Store

/// One thing that is needed to do work, and how it stands.
struct Readiness: Sendable {
  var check: String
  /// Why it is not there; nil when it is.
  var reason: String?
  /// What is to be looked at, though work goes on without it.
  var note: String?

  /// What the process needs of itself before its database is asked.
  static func own(isDraining: Bool, storage: String?) -> [Readiness] {
    [
      Readiness(check: "running", reason: isDraining ? "draining" : nil),
      Readiness(check: "storage", reason: storage),
    ]
  }

  /// What the database and the service's facts say.
  ///
  /// - Parameters:
  ///   - facts: what health knows.
  ///   - path: the database's path, whose folder is looked at.
  ///   - isObserver: whether it only shows: that needs the database alone.
  static func all(of facts: HealthFacts, database path: String, isObserver: Bool) -> [Readiness] {
    var checks = [Readiness(check: "database", reason: facts.databaseFault.map { "\($0)" })]
    guard !isObserver else { return checks }
    let trouble = facts.schedule == nil ? facts.scheduleTrouble ?? "there is no schedule" : nil
    checks.append(Readiness(check: "schedule", reason: trouble))
    let broken = facts.settingsBroken.map { "broken by an edit: \($0.text)" }
    let edited = facts.settingsChanged.map { "\($0.text) was edited: restart needed" }
    checks.append(Readiness(check: "settings", note: broken ?? edited))
    let folder = FilePath.folder(of: path)
    checks.append(
      Readiness(
        check: "folders",
        reason: access(folder, W_OK) == 0 ? nil : "\(folder) cannot be written to"))
    for (check, kind) in [("models", AlertKind.modelRefused), ("channels", .channel)] {
      let open = facts.alerts.filter { $0.alert.kind == kind }
        .map { "\($0.key): \($0.alert.text)" }
      checks.append(
        Readiness(check: check, note: open.isEmpty ? nil : open.joined(separator: "; ")))
    }
    return checks
  }
}
