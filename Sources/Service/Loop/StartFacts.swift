import Domain
import Store

/// What a start tells the ledger: who runs, by which schedule, and that what the process before it
/// complained of is over, until this one finds it again.
struct StartFacts {
  var version: String
  var schedulesPath: String
  var schedulesText: String
  var clockSuspicion: String?

  func tell(_ transaction: WriteTransaction) throws {
    try transaction.service.tell(.started, version)
    try transaction.service.tell(.schedulesFile, schedulesPath)
    try transaction.service.tell(.schedule, schedulesText)
    try transaction.service.tell(.reloadError, nil)
    try transaction.service.tell(.settingsChanged, nil)
    try transaction.service.tell(.settingsBroken, nil)
    try transaction.service.tell(.clockSuspicion, clockSuspicion)
    try transaction.audit.append("start", version)
  }
}
