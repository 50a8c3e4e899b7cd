import GRDB
import Testing

@testable import Store

/// Every column that bears a time has been thought about: what would a clock that was ahead, and is
/// right again, leave in it, and who waits for that time?
@Suite("Columns that bear a time")
struct TimeColumnTests {
  /// Set back, withdrawn or deleted by `Store.setBack`.
  private static let setBack: Set<String> = [
    "run.slot", "run.ahead", "job_mark.slot", "job_mark.since", "job_mark.paused_until",
    "job_mark.paused_since", "job_mark.success_slot", "job_mark.success_ended", "job_mark.floor",
    "job_mark.pruned", "job_mark.scores_pruned",
    "series.watermark", "candle.time", "candle_correction.time", "feature.time",
    "feature_state.time", "prediction.slot", "equity.time", "instrument.updated", "snapshot.taken",
    "orders.sent", "orders.doubted", "series.reached", "series.owed", "series.owed_asked",
    "candle_acceptance.time", "universe.slot", "risk.day_start", "risk.seen", "risk_trip.since",
    "alert.told", "alert.closed", "delivery.due", "alert_silence.since", "alert_silence.until",
  ]

  /// Told to people, or read beside the row that it belongs to: nobody waits for it.
  private static let told: Set<String> = [
    "run.created", "run.started", "run.ended", "attempt.started", "attempt.ended",
    "quarantine.created", "candle_correction.corrected", "feature_set.created", "model.created",
    "prediction.time", "account.opened", "plan.created", "plan.updated", "orders.created",
    "orders.updated", "fill.time", "fill.candle", "fill.created", "position.updated",
    "cash.updated", "halt.since", "halt.ended", "snapshot.verified", "snapshot.removed",
    "audit.time", "service.updated", "run_output.written", "request.created", "request.answered",
    "entry.created", "candle_acceptance.accepted", "rate_budget.updated", "risk_trip.ended",
    "run_printed.slot", "alert.since", "alert.last", "alert.acknowledged", "alert_event.time",
    "alert_event.planned", "delivery.ended", "statement.time",
  ]

  /// What was really bought, sold or paid stays, whatever the clock said; who asks for the newest asks
  /// by the time of day (`PlanTable.newest`).
  private static let kept: Set<String> = [
    "plan.slot", "orders.slot", "entry.time", "run_printed.slot", "split.time",
  ]

  /// Numbers that are no times.
  private static let others: Set<String> = [
    "run.id", "run.wrote", "account.test", "attempt.run", "attempt.n", "run_total.runs",
    "order_total.orders", "series.id", "series.timeframe",
    "candle.series", "candle.run", "quarantine.series", "quarantine.run", "feature_set.id",
    "feature_set.compares",
    "feature.feature_set", "feature.series", "feature.run", "feature_state.feature_set",
    "feature_state.series", "feature_state.kept", "prediction.series", "prediction.feature_set",
    "prediction.run", "plan.id", "plan.run", "target.plan", "orders.plan", "orders.leg",
    "orders.position", "fill.n", "plan.round", "equity.run", "halt.id", "snapshot.id",
    "snapshot.size",
    "snapshot.raw_size", "snapshot.run", "audit.id", "run_output.run", "run_output.n",
    "run_printed.run",
    "run_output.attempt", "request.id", "candle_correction.series", "candle_correction.run",
    "run_printed.run", "risk.losing_days", "risk_trip.id", "universe.timeframe", "universe.run",
    "candle_acceptance.series",
    "candle_correction.corrected_by", "entry.id", "posting.entry", "posting.n",
    "alert.id", "alert.count", "alert.repeats", "alert.is_told", "alert_event.id",
    "alert_event.alert", "delivery.event", "delivery.tries", "delivery_total.deliveries",
    "statement.id", "statement.differences",
  ]

  @Test func eachIsSetBackOrNobodyWaitsForIt() throws {
    // Kept until the end: it takes its folder along.
    let database = TestDatabase()
    let store = try database.open()
    let found = try store.connections.read { db in
      try String.fetchSet(
        db,
        sql: """
          SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
          WHERE t.type = 'table' AND c.type = 'INTEGER'
          """)
    }
    let known = Self.setBack.union(Self.told).union(Self.kept).union(Self.others)
    #expect(found.subtracting(known).sorted() == [], "say here what a clock set back does to it")
    #expect(known.subtracting(found).sorted() == [], "there is no such column")
  }
}
