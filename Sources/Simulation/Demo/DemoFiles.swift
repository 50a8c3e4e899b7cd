public import Domain

/// The files that a demo works with, made as a user would write them: settings, schedules, a model.
public struct DemoFiles: Sendable {
  /// Where candles come from.
  public enum Source: Sendable {
    /// The simulated market of a seed.
    case simulated(seed: UInt64)
    /// A folder of candle files.
    case csv(String)
    /// An exchange that speaks Binance's language.
    case exchange(String)
  }

  private let groups: [DemoGroup]
  private let source: Source

  /// The files of a demo of these groups.
  public init(groups: [DemoGroup], source: Source) {
    self.groups = groups
    self.source = source
  }

  /// `carillon.yaml`.
  public var settings: String {
    var text = """
      # Written by `carillon demo`: paper trading on recorded or simulated candles.
      version: 1
      mode: paper
      database: { path: carillon.db }
      venues:
        demo: \(venue)
      accounts:

      """
    for group in groups {
      text +=
        "  \(group.name): { quote: \(group.quote), cash: \"\(Self.cash(group.quote))\", "
        + "fee-bps: 10, slippage-bps: 5 }\n"
    }
    let first = groups[0]
    text += """
      market:
        venue: demo
        symbols: \(Self.list(first.symbols))
        timeframe: \(first.timeframe)
        # Each feature is a name and an expression over closed candles: the rate of change in percent,
        # Wilder's relative strength index, a short average over a long one, and the deviation.
        features: \(Self.features(first.timeframe))
      defaults:
        infer: { model: models/momentum.json }
        rebalance: { top: 3, weighting: score, max-weight: 0.4, cash-buffer: 0.05, band: 0.1 }
        snapshot: { keep: { latest: 3, daily: 7, monthly: 12 } }
      web: { bind: 127.0.0.1, port: 8787 }

      """
    return text
  }

  /// A schedules file with one chain for each group.
  public func schedules(of groups: [DemoGroup]) -> String {
    var text = """
      # Written by `carillon demo`. Change the cadence here; `carillon schedule check` reads it.
      # yaml-language-server: $schema=./schemas/schedules.schema.json
      version: 1
      timezone: UTC
      jobs:

      """
    for group in groups { text += chain(group) }
    return text
  }

  /// The names of a group's jobs.
  public static func jobName(_ kind: JobKind, _ group: DemoGroup) -> JobName {
    guard let name = JobName("\(kind)-\(group.name)") else {
      preconditionFailure("\(group.name) ends no job's name")
    }
    return name
  }

  private func chain(_ group: DemoGroup) -> String {
    let (fetch, compute, infer, rebalance, snapshot) = (
      Self.jobName(.fetch, group), Self.jobName(.compute, group), Self.jobName(.infer, group),
      Self.jobName(.rebalance, group), Self.jobName(.snapshot, group)
    )
    let universe = "symbols: \(Self.list(group.symbols)), timeframe: \(group.timeframe)"
    let features = "\(universe), features: \(Self.features(group.timeframe))"
    // Shares rest over nights, weekends and holidays: a daily close stays the newest for days.
    let age = group.timeframe >= .day ? ", max-age: 6d" : ""
    return """
        \(fetch):
          { job: fetch, every: "\(group.timeframe.span)/1m", with: { \(universe) } }
        \(compute): { job: compute, after: \(fetch), with: { \(features) } }
        \(infer): { job: infer, after: \(compute), with: { \(features)\(age) } }
        \(rebalance):
          { job: rebalance, after: \(infer), with: { account: \(group.name), scores: \(infer), \(universe)\(age) } }
        \(snapshot): { job: snapshot, cron: "\(Self.snapshotCron(group))" }

      """
  }

  /// The features of the built-in model. Candles below an hour look back over as much time as hourly
  /// ones do: every five minutes a new opinion would be spent on fees.
  private static func features(_ timeframe: Timeframe) -> String {
    let n = max(1, TimeSpan.hours(1).milliseconds / timeframe.span.milliseconds)
    return "{ momentum: roc(\(24 * n)), strength: rsi(\(14 * n)), "
      + "trend: ema(\(12 * n)) / ema(\(26 * n)), "
      + "volatility: stddev(\(20 * n)) / sma(\(20 * n)) }"
  }

  private var venue: String {
    switch source {
    case .simulated(let seed): "{ kind: simulated, seed: \(seed) }"
    case .csv(let path): "{ kind: csv, path: \"\(path)\" }"
    case .exchange(let url): "{ kind: binance, base-url: \"\(url)\" }"
    }
  }

  /// A cadence that takes some thirty snapshots over the whole span.
  private static func snapshotCron(_ group: DemoGroup) -> String {
    switch group.days {
    case ...45: "30 3 * * *"
    case ...400: "30 3 * * mon"
    case ...1500: "30 3 1 * *"
    default: "30 3 1 1 *"
    }
  }

  /// What an account starts with, in its quote asset.
  private static func cash(_ quote: String) -> String {
    switch quote {
    case "BTC": "1"
    case "ETH", "BNB": "20"
    default: "10000"
    }
  }

  private static func list(_ symbols: [Symbol]) -> String {
    "[\(symbols.map(\.description).joined(separator: ", "))]"
  }
}
