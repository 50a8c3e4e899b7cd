public import Domain
import GRDB

/// What a feature program knew after a candle, so that the next rows need no older candles.
public struct FeatureState: Hashable, Sendable {
  /// The opening time of the last candle that it has seen.
  public var time: Instant
  /// The state, as its program writes it.
  public var bytes: [UInt8]
  /// Whether it stays when a newer one is saved.
  public var isKept: Bool

  /// A state after the candle that opens at `time`.
  public init(time: Instant, bytes: [UInt8], isKept: Bool = false) {
    self.time = time
    self.bytes = bytes
    self.isKept = isKept
  }
}

/// The saved states of feature programs.
public struct FeatureStateTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The newest state at or before a time (nil: of all); nil when there is none.
  public func state(
    _ set: FeatureSet, _ series: SeriesRecord, atOrBefore time: Instant? = nil
  ) throws -> FeatureState? {
    let statement = try HotStatement(
      db,
      """
      SELECT time, state, kept FROM feature_state
      WHERE feature_set = ?1 AND series = ?2 AND time <= ?3 ORDER BY time DESC LIMIT 1
      """)
    statement.bind(1, set.id)
    statement.bind(2, series.id)
    statement.bind(3, time?.milliseconds ?? .max)
    guard try statement.step() else { return nil }
    return FeatureState(
      time: Instant(milliseconds: statement.int64(0)),
      bytes: statement.withBytes(1) { Array($0) }, isKept: statement.int64(2) == 1)
  }

  /// The times of all states of a set and series, in order.
  public func times(_ set: FeatureSet, _ series: SeriesRecord) throws -> [Instant] {
    try Int64.fetchAll(
      db, sql: "SELECT time FROM feature_state WHERE feature_set = ? AND series = ? ORDER BY time",
      arguments: [set.id, series.id]
    ).map(Instant.init(milliseconds:))
  }
}

extension FeatureStateTable where Tx == WriteTransaction {
  /// Saves the state at the tip. The older states that are not kept are dropped: there is one tip.
  ///
  /// - Parameters:
  ///   - state: the state; `isKept` for every thousandth candle, say.
  ///   - set: the set.
  ///   - series: the series.
  public func save(_ state: FeatureState, set: FeatureSet, series: SeriesRecord) throws {
    let statement = try HotStatement(
      db,
      """
      INSERT INTO feature_state (feature_set, series, time, state, kept)
      VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO UPDATE SET state = excluded.state, kept = max(kept, excluded.kept)
      """)
    statement.bind(1, set.id)
    statement.bind(2, series.id)
    statement.bind(3, state.time.milliseconds)
    statement.bind(5, Int64(state.isKept ? 1 : 0))
    try state.bytes.withUnsafeBytes { bytes in
      statement.bind(4, bytes)
      _ = try statement.run()
    }
    let tidy = try HotStatement(
      db,
      """
      DELETE FROM feature_state WHERE feature_set = ?1 AND series = ?2 AND time < ?3 AND kept = 0
      """)
    tidy.bind(1, set.id)
    tidy.bind(2, series.id)
    tidy.bind(3, state.time.milliseconds)
    _ = try tidy.run()
  }

  /// Drops all states after a time: what a changed candle there has made wrong.
  func drop(set: Int64, _ series: SeriesRecord, after time: Instant) throws {
    let statement = try HotStatement(
      db, "DELETE FROM feature_state WHERE feature_set = ?1 AND series = ?2 AND time > ?3")
    statement.bind(1, set)
    statement.bind(2, series.id)
    statement.bind(3, time.milliseconds)
    _ = try statement.run()
  }
}
