import Domain
import GRDB

extension FeatureTable where Tx == WriteTransaction {
  /// Drops what candles of a series that came or changed at or after a time have made wrong, in every
  /// set: the rows from there on and the states that were made with them. What compares series with
  /// one another loses the rows of all of them.
  ///
  /// A row that is not there is computed again by the next compute; until then inference goes by the
  /// rows before it, or abstains when they are too old.
  func invalidate(_ series: SeriesRecord, from time: Instant) throws {
    let statement = try HotStatement(
      db,
      """
      SELECT id, compares FROM feature_set WHERE EXISTS (
        SELECT 1 FROM feature WHERE feature_set = feature_set.id AND series = ?1)
      """)
    statement.bind(1, series.id)
    var sets: [(id: Int64, comparesSeries: Bool)] = []
    while try statement.step() { sets.append((statement.int64(0), statement.int64(1) > 0)) }
    for set in sets {
      try tx.states.drop(set: set.id, series, after: time - .milliseconds(1))
      if set.comparesSeries {
        let (venue, timeframe) = (series.series.venue, series.series.timeframe)
        for other in try tx.series.all(at: venue, timeframe) { try drop(set.id, other, from: time) }
      } else {
        try drop(set.id, series, from: time)
      }
    }
  }

  private func drop(_ set: Int64, _ series: SeriesRecord, from time: Instant) throws {
    let statement = try HotStatement(
      db, "DELETE FROM feature WHERE feature_set = ?1 AND series = ?2 AND time >= ?3")
    statement.bind(1, set)
    statement.bind(2, series.id)
    statement.bind(3, time.milliseconds)
    _ = try statement.run()
  }
}
