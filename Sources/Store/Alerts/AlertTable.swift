public import Domain
import GRDB

/// What people are told of.
///
/// Alerts are raised and settled in the transaction that causes them, so that no crash comes between a
/// cause and its word; what is to be told of them is a row too (`alert_event`).
public struct AlertTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// A cause that comes back within this of its end is the same alert again, and is not told anew
  /// until so long after it was told; of a note, so much is one.
  public static var sameWithin: TimeSpan { .minutes(15) }
  /// Alerts that ended are kept so long, and the newest `keptAlerts` of them longer.
  public static var keptFor: TimeSpan { .days(90) }
  /// How many alerts that ended are kept at least.
  public static var keptAlerts: Int { 1000 }

  /// The alerts that are not over, the loudest first, then the oldest.
  public func open() throws -> [AlertRecord] {
    try many("WHERE state <> 'closed'").sorted {
      ($1.alert.severity, $0.since, $0.id) < ($0.alert.severity, $1.since, $1.id)
    }
  }

  /// The alert of a key that is not over.
  public func open(_ key: String) throws -> AlertRecord? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM alert WHERE key = ? AND state <> 'closed'"),
      arguments: [key]
    ).map(AlertRecord.init)
  }

  /// The newest alerts, over or not, newest first.
  public func latest(limit: Int) throws -> [AlertRecord] {
    try many("ORDER BY id DESC LIMIT ?", [limit])
  }

  /// The alert of a key that was raised last, over or not.
  public func latest(_ key: String) throws -> AlertRecord? {
    try many("WHERE key = ? ORDER BY id DESC LIMIT 1", [key]).first
  }

  private func many(
    _ clause: String, _ arguments: StatementArguments = []
  ) throws -> [AlertRecord] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM alert \(clause)"), arguments: arguments
    ).map(AlertRecord.init)
  }
}

extension AlertTable where Tx == WriteTransaction {
  /// Raises an alert: opens it, or counts that its cause happened again.
  ///
  /// - Parameter isNews: whether the cause happened again, and is not merely still seen.
  /// - Returns: whether people are told.
  @discardableResult
  public func raise(_ alert: Alert, isNews: Bool = true) throws -> Bool {
    if let record = try open(alert.key) {
      let isLouder = alert.severity > record.alert.severity
      try update(record.id, alert, adding: isNews ? 1 : 0)
      guard isLouder else { return false }
      // Whoever took note of something smaller has not taken note of this.
      try db.executeCached(
        sql: "UPDATE alert SET state = 'open', repeats = 0 WHERE id = ?", arguments: [record.id])
      try tell(record.id, .opened, alert)
      return true
    }
    let now = tx.now
    let isNote = alert.kind.rule.life == .isNote
    if let before = try latest(alert.key), let closed = before.closed, closed <= now,
      now - closed < Self.sameWithin
    {
      try update(before.id, alert, adding: 1)
      if !isNote {
        try db.executeCached(
          sql: "UPDATE alert SET state = 'open', closed = NULL, repeats = 0 WHERE id = ?",
          arguments: [before.id])
      }
      guard before.told.map({ now - $0 >= Self.sameWithin || $0 > now }) ?? true else {
        return false
      }
      try tell(before.id, isNote ? .noted : .opened, alert)
      return true
    }
    try prune()
    try db.executeCached(
      sql: """
        INSERT INTO alert (key, kind, subject, severity, state, text, remedy, channels, since, last,
          count, closed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 1, ?10)
        """,
      arguments: [
        alert.key, alert.kind.rawValue, alert.subject, alert.severity.rawValue,
        isNote ? "closed" : "open", alert.text, alert.remedy,
        alert.channels?.joined(separator: " "), now.milliseconds,
        isNote ? now.milliseconds : nil,
      ])
    try tell(db.lastInsertedRowID, isNote ? .noted : .opened, alert)
    return true
  }

  /// Ends the alert of a key, if there is one: its cause is over.
  ///
  /// - Parameter text: in what words.
  /// - Returns: whether there was one.
  @discardableResult
  public func settle(_ kind: AlertKind, _ subject: String? = nil, saying text: String) throws
    -> Bool
  {
    guard let record = try open(Alert.key(kind, subject)) else { return false }
    try close(record, text)
    return true
  }

  /// Takes note of an alert: it is not told again. One that only a person can end, ends.
  ///
  /// - Returns: the alert as it was; nil when there is none that is open.
  @discardableResult
  public func acknowledge(_ key: String, by person: String) throws -> AlertRecord? {
    guard let record = try open(key) else { return nil }
    try db.execute(
      sql: """
        UPDATE alert SET state = 'acknowledged', acknowledged = ?, acknowledged_by = ?
        WHERE id = ?
        """, arguments: [tx.now.milliseconds, person, record.id])
    try tx.audit.append("alert", "\(key) acknowledged by \(person)")
    if record.alert.kind.rule.life == .staysUntilAcknowledged {
      try close(record, "acknowledged by \(person)")
    }
    return record
  }

  /// Tells once more of an alert that still holds.
  public func `repeat`(_ record: AlertRecord) throws {
    try db.execute(
      sql: "UPDATE alert SET repeats = repeats + 1 WHERE id = ?", arguments: [record.id])
    try tell(record.id, .repeated, record.alert)
  }

  private func close(_ record: AlertRecord, _ text: String) throws {
    let isTold =
      try Bool.fetchOne(
        db, sql: "SELECT is_told FROM alert WHERE id = ?", arguments: [record.id]) ?? false
    try db.execute(
      sql: "UPDATE alert SET state = 'closed', closed = ?, is_told = 0 WHERE id = ?",
      arguments: [tx.now.milliseconds, record.id])
    guard isTold else { return }
    var alert = record.alert
    alert.text = Alert.line(text)
    try insertEvent(record.id, .closed, alert)
  }

  private func update(_ id: Int64, _ alert: Alert, adding: Int) throws {
    try db.executeCached(
      sql: """
        UPDATE alert SET severity = ?, text = ?, remedy = ?, channels = ?, last = ?,
          count = count + ? WHERE id = ?
        """,
      arguments: [
        alert.severity.rawValue, alert.text, alert.remedy, alert.channels?.joined(separator: " "),
        tx.now.milliseconds, adding, id,
      ])
  }

  private func tell(_ id: Int64, _ event: AlertEvent, _ alert: Alert) throws {
    try db.executeCached(
      sql: "UPDATE alert SET told = ?, is_told = ? WHERE id = ?",
      arguments: [tx.now.milliseconds, event != .noted, id])
    try insertEvent(id, event, alert)
  }

  private func insertEvent(_ id: Int64, _ event: AlertEvent, _ alert: Alert) throws {
    try db.executeCached(
      sql: "INSERT INTO alert_event (alert, event, severity, text, time) VALUES (?, ?, ?, ?, ?)",
      arguments: [id, event.rawValue, alert.severity.rawValue, alert.text, tx.now.milliseconds])
  }

  /// Deletes what is over for long, unless something of it is still to be told.
  private func prune() throws {
    try db.executeCached(
      sql: """
        DELETE FROM alert WHERE closed < ?1
          AND id <= (SELECT max(id) FROM alert) - ?2
          AND NOT EXISTS (SELECT 1 FROM alert_event e WHERE e.alert = alert.id AND
            (e.planned IS NULL OR EXISTS (SELECT 1 FROM delivery d
              WHERE d.event = e.id AND d.state = 'pending')))
        """, arguments: [(tx.now - Self.keptFor).milliseconds, Self.keptAlerts])
  }
}
