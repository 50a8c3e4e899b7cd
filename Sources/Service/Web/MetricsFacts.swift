import Domain
import Scheduler
import Store

/// All that `/metrics` tells, as it was found at one instant.
struct MetricsFacts: Sendable {
  var version: String
  var mode: String
  var jobs: [JobFigures] = []
  var lastTurn: Instant?
  /// The schedules file, whether its last reading was good, and when the last good one was.
  var reload: (file: String, isGood: Bool, lastGood: Instant?)?
  var series: [SeriesFigures] = []
  var accounts: [AccountFigures] = []
  var isHalted = false
  /// Alerts that are not over, by how loud they are.
  var alerts: [AlertSeverity: Int] = [:]
  /// What went through each channel, by name.
  var channels: [String: DeliveryFigures] = [:]
  var snapshot: (taken: Instant, verified: Instant?, size: Int64)?
  /// When a copy last arrived at the remote, and when one was last brought back; nil: never.
  var remote: (pushed: Instant?, drilled: Instant?) = (nil, nil)
  var databaseBytes: Int64?
  var disk: DiskSpace?
  var requests: [RequestCounter.Key: Int] = [:]
  var process: ProcessFigures?
  var started: Instant?

  /// A job of the schedule that is followed.
  struct JobFigures: Sendable {
    var name: String
    /// Runs that ended, by result and trigger, since the database was made.
    var totals: [(result: RunState, trigger: Trigger, runs: Int64)] = []
    var lastSuccess: Instant?
    var lastStart: Instant?
    var next: Instant?
    var staleAfter: Instant?
    var isRunning = false
    var isPaused = false
    var consecutiveFailures = 0
    var runs: Vitals.RunFigures?
  }

  /// A series of candles.
  struct SeriesFigures: Sendable {
    var series: Series
    var lastClose: Instant?
    var missing: Int?
  }

  /// An account.
  struct AccountFigures: Sendable {
    var name: String
    var currency: String
    var mode: String
    var equity: Amount?
    var cash: Amount?
    var orders: [(state: OrderState, orders: Int)] = []
  }
}
