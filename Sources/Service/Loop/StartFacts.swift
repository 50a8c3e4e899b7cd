import Cryptography
import Domain
import Store

/// What a start tells the ledger: who runs, by which schedule, and that what the process before it
/// complained of is over, until this one finds it again.
struct StartFacts {
  var version: String
  var schedulesPath: String
  var schedulesText: String
  /// The settings file and its text; nil for the built-in ones.
  var settings: (path: String, text: String)?
  var clockSuspicion: String?
  /// How the process before ended.
  var before: EarlierEnd

  func tell(_ transaction: WriteTransaction) throws {
    // Asked before this start is on record.
    let alert = before.alert(
      version: version, wasStopped: try transaction.audit.wasStopped, now: transaction.now)
    try noteFiles(transaction)
    try transaction.service.tell(.started, version)
    try transaction.service.tell(.schedulesFile, schedulesPath)
    try transaction.service.tell(.schedule, schedulesText)
    try transaction.service.tell(.reloadError, nil)
    try transaction.service.tell(.webSessions, nil)
    try transaction.service.tell(.settingsChanged, nil)
    try transaction.service.tell(.settingsBroken, nil)
    try transaction.service.tell(.clockSuspicion, clockSuspicion)
    try transaction.audit.append("start", version)
    try transaction.alerts.raise(alert)
  }

  /// Notes which settings and which schedule count from now on, where they are not those that were noted
  /// last.
  private func noteFiles(_ transaction: WriteTransaction) throws {
    let files = [
      ("settings", settings?.path ?? "built in", settings?.text ?? ""),
      ("schedule", schedulesPath, schedulesText),
    ]
    for (kind, path, text) in files {
      let words = Self.words(path, text)
      guard try transaction.audit.latest(limit: 1, kind: kind).first?.text != words else {
        continue
      }
      try transaction.audit.append(kind, words)
    }
  }

  /// The audit's words for a file that is followed from now on.
  static func words(_ path: String, _ text: String) -> String {
    "\(path), SHA-256 \(SHA256.hexadecimal(text.utf8))"
  }
}
