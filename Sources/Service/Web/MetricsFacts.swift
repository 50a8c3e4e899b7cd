import Domain
import Jobs
import Net
import Portfolio
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
  /// Whether the last drill succeeded; nil: there was none.
  var isDrillGood: Bool?
  /// How the shipping of the log stands; nil where it is not shipped.
  var shipping: ShippingState?
  var databaseBytes: Int64?
  var disk: DiskSpace?
  var requests: [RequestCounter.Key: Int] = [:]
  /// How long answers took, by route.
  var answers: [String: Histogram] = [:]
  /// What passed between us and the exchanges.
  var calls: [ExchangeMeter.Call: ExchangeMeter.Figures] = [:]
  /// How far our clock is ahead of each venue's at least.
  var skews: [String: TimeSpan] = [:]
  /// How often the gate refused an order.
  var refusals: [Conditions.GateRefusals: Int] = [:]
  /// Halts by who ordered them.
  var halts: [String: Int] = [:]
  /// How often a deployment was noted.
  var deployments = 0
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
    /// The model of the newest scores, of a job that gives some.
    var model: (kind: String, name: String, sha256: String)?
    /// The newest scores.
    var scores: [(symbol: Symbol, score: Double)] = []
  }

  /// A series of candles.
  struct SeriesFigures: Sendable {
    var series: Series
    var lastClose: Instant?
    /// How long ago that was, in intervals of the market's time: while it is closed nothing grows older.
    var age: Double?
    var missing: Int?
    /// What it closed at, in the quote asset.
    var price: Double?
  }

  /// An account.
  struct AccountFigures: Sendable {
    var name: String
    var currency: String
    var mode: String
    var equity: Amount?
    var cash: Amount?
    var orders: [(state: OrderState, orders: Int)] = []
    /// What is held, and what is wanted.
    var positions: [PositionFigures] = []
    /// What the positions are worth beyond their cost; nil where a price is not known.
    var unrealised: Amount?
    /// What was earned on what was closed; nil until it is counted.
    var totals: TradingTotals.Account?
    /// Where the day and the peak stand; nil before the first look at risk.
    var baseline: RiskBaseline?
    /// What is lost since the peak, as a fraction of it.
    var drawdown: Amount?
    /// The limits of risk.
    var limits: [RiskReading.Line] = []
    /// Whether books and venue cannot be brought together.
    var isMismatched = false
    /// When it was last held against its venue, and how much was not the same; nil before the first time.
    var statement: (time: Instant, differences: Int)?
  }

  /// What is held of an instrument, or wanted.
  struct PositionFigures: Sendable {
    var symbol: String
    var value: Amount?
    var weight: Amount?
    var target: Amount?
  }
}
