public import Domain
import GRDB

/// A fact that the running service tells other processes of itself.
public enum ServiceFact: String, CaseIterable, Sendable {
  /// When it started, and which version it is.
  case started
  /// The path of the schedules file that it follows.
  case schedulesFile = "schedules_file"
  /// The text of the schedule that it follows, which may be older than the file.
  case schedule
  /// Why the schedules file as it stands cannot be followed.
  case reloadError = "reload_error"
  /// What the last reload of the schedules file changed, job by job; empty for nothing.
  case scheduleDifference = "schedule_difference"
  /// The path of the settings file, when it says something else than what was read of it.
  case settingsChanged = "settings_changed"
  /// Why the settings file as it stands could not be read at the next start.
  case settingsBroken = "settings_broken"
  /// Why its wall clock is not to be trusted.
  case clockSuspicion = "clock_suspicion"
  /// The snapshot whose copy last arrived at the remote, by its name there.
  case snapshotPushed = "snapshot_pushed"
  /// The copy that was last brought back from the remote and proved.
  case snapshotDrilled = "snapshot_drilled"
  /// That all snapshots were proved, and how many they were.
  case snapshotsVerified = "snapshots_verified"
  /// That a person took the wall clock for the truth, against times seen before.
  case clockTrusted = "clock_trusted"
  /// Who is logged in at its pages, as JSON, by the hashes of sessions' secrets.
  case webSessions = "web_sessions"
  /// Up to which update each bot that is listened to was heard, as JSON by the bot's number.
  case chatOffsets = "chat_offsets"
}

/// What the running service tells other processes of itself.
public struct ServiceTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// A fact, and since when it holds; nil when there is nothing to tell.
  public func fact(_ fact: ServiceFact) throws -> (text: String, since: Instant)? {
    try Row.fetchOne(
      db, sql: "SELECT value, updated FROM service WHERE name = ?", arguments: [fact.rawValue]
    ).map { ($0["value"], $0.instant("updated")) }
  }
}

extension ServiceTable where Tx == WriteTransaction {
  /// Writes what is there once more, which shows that the disk takes writes.
  public func touch() throws { try db.execute(sql: "UPDATE service SET updated = updated") }

  /// Tells a fact from now on; nil takes it back.
  public func tell(_ fact: ServiceFact, _ text: String?) throws {
    guard let text else {
      try db.execute(sql: "DELETE FROM service WHERE name = ?", arguments: [fact.rawValue])
      return
    }
    try db.execute(
      sql: """
        INSERT INTO service (name, value, updated) VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated = excluded.updated
        """, arguments: [fact.rawValue, text, tx.now.milliseconds])
  }
}
