public import Domain
import GRDB

/// The outbox: what is to be told, channel by channel.
///
/// At least once: a delivery is `sent` only after the channel has taken it, so that an end of the process
/// in between sends it once more. In order: of a channel the oldest goes first.
public struct DeliveryTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  private static var columns: String {
    """
    SELECT d.event, e.alert, d.channel, e.event AS what, a.kind, a.subject, e.severity, e.text,
      a.remedy, e.time, a.since, a.count, d.tries, d.due, d.reason
    FROM delivery d JOIN alert_event e ON e.id = d.event JOIN alert a ON a.id = e.alert
    """
  }

  /// What waits for a channel, oldest first.
  public func pending(_ channel: String, limit: Int) throws -> [DeliveryRecord] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          \(Self.columns) WHERE d.channel = ? AND d.state = 'pending' ORDER BY d.event LIMIT ?
          """), arguments: [channel, limit]
    ).map(DeliveryRecord.init)
  }

  /// Whether an event waits for its deliveries to be made.
  public func hasUnplanned() throws -> Bool {
    try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM alert_event WHERE planned IS NULL)") ?? false
  }

  /// How much each channel has been given, by name.
  public func figures() throws -> [String: DeliveryFigures] {
    var figures: [String: DeliveryFigures] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT * FROM delivery_total") {
      let (name, state, count): (String, String, Int) = (
        row["channel"], row["state"], row["deliveries"]
      )
      if state == "sent" { figures[name, default: DeliveryFigures()].sent = count }
      if state == "dropped" { figures[name, default: DeliveryFigures()].dropped = count }
    }
    let pending = try Row.fetchAll(
      db,
      sql: """
        SELECT channel, count(*) AS n, max(reason) AS reason FROM delivery
        WHERE state = 'pending' GROUP BY channel
        """)
    for row in pending {
      figures[row["channel"], default: DeliveryFigures()].pending = row["n"]
      figures[row["channel"], default: DeliveryFigures()].reason = row["reason"]
    }
    return figures
  }
}

extension DeliveryTable where Tx == WriteTransaction {
  /// Gives each event that has none its deliveries: to the channels that the alert names, else to those
  /// that want what is so loud. An end goes where the beginning went; what is silenced goes nowhere, nor
  /// does the word of a channel's own trouble go through it.
  ///
  /// - Returns: how many deliveries were made.
  @discardableResult
  public func plan(for subscriptions: [Subscription]) throws -> Int {
    let silenced = Set(try tx.silences.inForce(at: tx.now).map(\.key))
    let events = try Row.fetchAll(
      db,
      sql: """
        SELECT e.id, e.alert, e.event, e.severity, a.key, a.kind, a.subject, a.channels
        FROM alert_event e JOIN alert a ON a.id = e.alert WHERE e.planned IS NULL ORDER BY e.id
        """)
    var made = 0
    for row in events {
      let (id, alert, key): (Int64, Int64, String) = (row["id"], row["alert"], row["key"])
      let what: AlertEvent = try row.value("event")
      let severity: AlertSeverity = try row.value("severity")
      let chosen = (row["channels"] as String?)?.split(separator: " ").map(String.init)
      // A name that no channel has silences nobody.
      let named = chosen.flatMap { names in
        names.isEmpty || subscriptions.contains { names.contains($0.channel) } ? names : nil
      }
      let isSilent = silenced.contains(key) || silenced.contains(SilenceTable<Tx>.all)
      for subscription in subscriptions where !isSilent {
        let name = subscription.channel
        guard named?.contains(name) ?? (severity >= subscription.severity),
          row["kind"] != AlertKind.channel.rawValue || row["subject"] != name,
          try what != .closed || hasTold(alert, through: name)
        else { continue }
        try insert(id, name)
        made += 1
      }
      try db.executeCached(
        sql: "UPDATE alert_event SET planned = ? WHERE id = ?",
        arguments: [tx.now.milliseconds, id])
    }
    return made
  }

  private func hasTold(_ alert: Int64, through channel: String) throws -> Bool {
    try Bool.fetchOne(
      db,
      sql: """
        SELECT EXISTS (SELECT 1 FROM alert_event e JOIN delivery d ON d.event = e.id
          WHERE e.alert = ? AND d.channel = ? AND d.state <> 'dropped')
        """, arguments: [alert, channel]) ?? false
  }

  private func insert(_ event: Int64, _ channel: String) throws {
    try db.executeCached(
      sql: """
        INSERT INTO delivery (event, channel, state, due) VALUES (?, ?, 'pending', ?)
        ON CONFLICT DO NOTHING
        """, arguments: [event, channel, tx.now.milliseconds])
  }

  /// The channel has taken it.
  public func sent(_ delivery: DeliveryRecord) throws {
    try end(delivery.event, delivery.channel, "sent", reason: nil)
  }

  /// The channel has not taken it; it is tried again, not before `due`.
  public func failed(_ delivery: DeliveryRecord, reason: String, due: Instant) throws {
    try db.executeCached(
      sql: """
        UPDATE delivery SET tries = tries + 1, reason = ?, due = ?
        WHERE event = ? AND channel = ? AND state = 'pending'
        """,
      arguments: [Alert.line(reason), due.milliseconds, delivery.event, delivery.channel])
  }

  /// It is given up.
  public func drop(_ delivery: DeliveryRecord, reason: String) throws {
    try end(delivery.event, delivery.channel, "dropped", reason: reason)
  }

  /// Gives up what waits for channels that there are no more.
  ///
  /// - Returns: how much that was.
  @discardableResult
  public func dropAll(except channels: [String]) throws -> Int {
    let rows = try Row.fetchAll(
      db, sql: "SELECT event, channel FROM delivery WHERE state = 'pending' ORDER BY event")
    let lost = rows.filter { !channels.contains($0["channel"]) }
    for row in lost {
      try end(
        row["event"], row["channel"], "dropped", reason: "the settings name no such channel")
    }
    return lost.count
  }

  private func end(
    _ event: Int64, _ channel: String, _ state: String, reason: String?
  ) throws {
    try db.executeCached(
      sql: """
        UPDATE delivery SET state = ?1, ended = ?2, reason = coalesce(?3, reason),
          tries = tries + (?1 = 'sent')
        WHERE event = ?4 AND channel = ?5 AND state = 'pending'
        """, arguments: [state, tx.now.milliseconds, reason, event, channel])
    guard db.changesCount == 1 else { return }
    try db.executeCached(
      sql: """
        INSERT INTO delivery_total (channel, state, deliveries) VALUES (?, ?, 1)
        ON CONFLICT DO UPDATE SET deliveries = deliveries + 1
        """, arguments: [channel, state])
  }
}
