public import Domain
import GRDB

/// A row of what people are told.
public struct AlertRecord: Hashable, Sendable, Identifiable {
  /// Its number.
  public var id: Int64
  /// What is told.
  public var alert: Alert
  /// How it stands.
  public var state: State
  /// Since when.
  public var since: Instant
  /// When its cause was last seen or happened again.
  public var last: Instant
  /// How often its cause happened.
  public var count: Int
  /// When people were last told of it.
  public var told: Instant?
  /// How often it was told again since it opened.
  public var repeats: Int
  /// When it ended; nil while it is open.
  public var closed: Instant?
  /// When somebody took note of it, and who.
  public var acknowledged: (time: Instant, by: String)? {
    get { acknowledgedAt.flatMap { time in acknowledgedBy.map { (time, $0) } } }
  }
  private var acknowledgedAt: Instant?
  private var acknowledgedBy: String?

  /// By what it is told apart.
  public var key: String { alert.key }

  /// How an alert stands.
  public enum State: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Nobody has taken note of it yet.
    case open
    /// Somebody knows: it is not told again.
    case acknowledged
    /// It is over.
    case closed

    /// The text in the database and on the screen.
    public var description: String { rawValue }
  }

  init(row: Row) throws {
    id = row["id"]
    alert = Alert(
      try row.value("kind"), of: row["subject"], severity: try row.value("severity"), row["text"],
      remedy: row["remedy"],
      channels: (row["channels"] as String?).map { $0.split(separator: " ").map(String.init) })
    state = try row.value("state")
    since = row.instant("since")
    last = row.instant("last")
    count = row["count"]
    told = row.instantIfAny("told")
    repeats = row["repeats"]
    closed = row.instantIfAny("closed")
    acknowledgedAt = row.instantIfAny("acknowledged")
    acknowledgedBy = row["acknowledged_by"]
  }
}
