public import Domain
import GRDB

/// A model's word on one series at one slot: a score, or why there is none.
public struct Prediction: Hashable, Sendable {
  /// The series.
  public var series: Series
  /// The opening time of the candle whose features were used; nil when there was none.
  public var time: Instant?
  /// The score; nil when the model abstains.
  public var score: Double?
  /// Why the model abstains; nil when there is a score.
  public var reason: String?
  /// The hash of the model.
  public var model: String
  /// The number of the feature set; nil when the features were of none.
  public var featureSet: Int64?

  /// A score.
  public init(
    series: Series, time: Instant, score: Double, model: String, featureSet: Int64?
  ) {
    (self.series, self.time, self.model, self.featureSet) = (series, time, model, featureSet)
    // SQLite stores NaN as NULL, and an infinite score is no opinion either.
    if score.isFinite { self.score = score } else { reason = "the score is \(score)" }
  }

  /// An abstention.
  public init(
    series: Series, time: Instant?, abstained reason: String, model: String, featureSet: Int64?
  ) {
    (self.series, self.time, self.model, self.featureSet) = (series, time, model, featureSet)
    self.reason = reason
  }
}

/// The scores of all slots.
public struct PredictionTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The predictions of a slot, by series; empty when there are none.
  public func read(_ slot: Slot) throws -> [Prediction] {
    try db.rows(
      """
      SELECT venue, symbol, timeframe, time, score, reason, model, feature_set
      FROM prediction JOIN series ON series.id = prediction.series
      WHERE job = ? AND slot = ?
      """, slot.job, slot.time
    ) { row in
      let series = try Series(&row)
      let (time, score, reason) = (row.instantIfAny(), row.doubleIfAny(), try row.textIfAny())
      let (model, set) = (try row.text(), row.int64IfAny())
      if let score, let time {
        return Prediction(series: series, time: time, score: score, model: model, featureSet: set)
      }
      return Prediction(
        series: series, time: time, abstained: reason ?? "no reason was kept", model: model,
        featureSet: set)
    }.sorted { $0.series < $1.series }
  }

  /// The hash of the model of a job's newest predictions; nil when there are none.
  public func latestModel(_ job: JobName) throws -> String? {
    try String.fetchOne(
      db, sql: "SELECT model FROM prediction WHERE job = ? ORDER BY slot DESC LIMIT 1",
      arguments: [job.text])
  }

  /// The newest slot of a job at or before a time that has predictions, and these.
  public func latest(
    _ job: JobName, atOrBefore time: Instant
  ) throws -> (slot: Slot, predictions: [Prediction])? {
    let newest = try Int64.fetchOne(
      db, sql: "SELECT max(slot) FROM prediction WHERE job = ? AND slot <= ?",
      arguments: [job.text, time.milliseconds])
    guard let newest else { return nil }
    let slot = Slot(job: job, time: Instant(milliseconds: newest))
    return (slot, try read(slot))
  }

  /// The score of the first slot of a span of a job that has a word on a series; nil where none has, or
  /// where the model abstains.
  public func first(
    _ job: JobName, _ series: SeriesRecord, from: Instant, before: Instant
  ) throws -> Double? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT score FROM prediction WHERE job = ? AND slot >= ? AND slot < ? AND series = ?
          ORDER BY slot LIMIT 1
          """),
      arguments: [job.text, from.milliseconds, before.milliseconds, series.id])
    return row?[0]
  }
}

extension PredictionTable where Tx == WriteTransaction {
  /// Makes these the predictions of a slot, instead of those of an earlier attempt. Models must be
  /// registered before.
  public func replace(_ slot: Slot, with predictions: [Prediction], run: Int64?) throws {
    try db.execute(
      sql: "DELETE FROM prediction WHERE job = ? AND slot = ?",
      arguments: [slot.job.text, slot.time.milliseconds])
    for prediction in predictions {
      let series = try tx.series.register(prediction.series)
      try db.execute(
        sql: """
          INSERT INTO prediction
            (job, slot, series, time, score, reason, model, feature_set, run)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          slot.job.text, slot.time.milliseconds, series.id, prediction.time?.milliseconds,
          prediction.score, prediction.reason, prediction.model, prediction.featureSet, run,
        ])
    }
  }
}
