import Domain
import Store

/// What a start tells the ledger: who runs, by which schedule, and that what the process before it
/// complained of is over, until this one finds it again.
struct StartFacts {
  var version: String
  var schedulesPath: String
  var schedulesText: String
  var clockSuspicion: String?
  /// How the process before ended.
  var before: EarlierEnd

  func tell(_ transaction: WriteTransaction) throws {
    // Asked before this start is on record.
    let alert = before.alert(
      version: version, wasStopped: try transaction.audit.wasStopped, now: transaction.now)
    try transaction.service.tell(.started, version)
    try transaction.service.tell(.schedulesFile, schedulesPath)
    try transaction.service.tell(.schedule, schedulesText)
    try transaction.service.tell(.reloadError, nil)
    try transaction.service.tell(.settingsChanged, nil)
    try transaction.service.tell(.settingsBroken, nil)
    try transaction.service.tell(.clockSuspicion, clockSuspicion)
    try transaction.audit.append("start", version)
    try transaction.alerts.raise(alert)
  }
}
