public import Domain
import GRDB

/// Candles of which there are no rows of features.
public struct FeatureLack: Hashable, Sendable {
  /// How many.
  public var count: Int
  /// The opening time of the first.
  public var first: Instant
}

extension FeatureTable {
  /// The candles of a series that have no row in a set (nil: in none); nil when all have.
  ///
  /// - Parameters:
  ///   - set: the set; nil when it was never computed.
  ///   - series: the series.
  ///   - after: only candles that open later than this; nil: from the first.
  ///   - through: only candles that open at or before this; nil: to the last.
  public func lack(
    _ set: FeatureSet?, _ series: SeriesRecord, after: Instant? = nil, through: Instant? = nil
  ) throws -> FeatureLack? {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT count(*) AS count, min(time) AS first FROM candle
        WHERE series = ?1 AND time > ?2 AND time <= ?3 AND NOT EXISTS (
          SELECT 1 FROM feature
          WHERE feature_set = ?4 AND feature.series = ?1 AND feature.time = candle.time)
        """,
      arguments: [
        series.id, after?.milliseconds ?? .min, through?.milliseconds ?? .max, set?.id,
      ])
    guard let row, let first = row.instantIfAny("first") else { return nil }
    return FeatureLack(count: row["count"], first: first)
  }
}
