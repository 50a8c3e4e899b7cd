public import Domain
import GRDB

/// One event of an alert on its way through one channel.
public struct DeliveryRecord: Hashable, Sendable {
  /// The number of the event; those of a channel go in its order.
  public var event: Int64
  /// The number of the alert.
  public var alert: Int64
  /// The channel's name in the settings.
  public var channel: String
  /// What is told of the alert.
  public var what: AlertEvent
  /// The alert, in the words and as loud as it was at the event.
  public var told: Alert
  /// When the event was.
  public var time: Instant
  /// Since when the alert holds.
  public var since: Instant
  /// How often its cause has happened by now.
  public var count: Int
  /// How often it was tried to deliver it.
  public var tries: Int
  /// It is not tried before.
  public var due: Instant
  /// Why it was not delivered the last time.
  public var reason: String?

  /// A delivery of these parts.
  public init(
    event: Int64, alert: Int64, channel: String, what: AlertEvent, told: Alert, time: Instant,
    since: Instant, count: Int = 1, tries: Int = 0, due: Instant, reason: String? = nil
  ) {
    (self.event, self.alert, self.channel, self.what) = (event, alert, channel, what)
    (self.told, self.time, self.since, self.count) = (told, time, since, count)
    (self.tries, self.due, self.reason) = (tries, due, reason)
  }

  init(row: Row) throws {
    self.init(
      event: row["event"], alert: row["alert"], channel: row["channel"],
      what: try row.value("what"),
      told: Alert(
        try row.value("kind"), of: row["subject"], severity: try row.value("severity"), row["text"],
        remedy: row["remedy"]),
      time: row.instant("time"), since: row.instant("since"), count: row["count"],
      tries: row["tries"], due: row.instant("due"), reason: row["reason"])
  }
}

/// What a channel wants to be told.
public struct Subscription: Hashable, Sendable {
  /// The channel's name.
  public var channel: String
  /// The quietest that it wants.
  public var severity: AlertSeverity

  /// A subscription of a channel.
  public init(_ channel: String, from severity: AlertSeverity) {
    (self.channel, self.severity) = (channel, severity)
  }
}

/// How much a channel has been given.
public struct DeliveryFigures: Hashable, Sendable {
  /// What waits.
  public var pending = 0
  /// What went out, since the database was made.
  public var sent = 0
  /// What was given up, since the database was made.
  public var dropped = 0
  /// Why what waits was not delivered the last time.
  public var reason: String?

  /// Nothing yet.
  public init() {}
}
