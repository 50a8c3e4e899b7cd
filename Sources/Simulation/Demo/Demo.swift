import Disk
import Domain
import Jobs
import Logging
import Net
import Scheduler
import Service
import Settings
public import Store
import StrictYAML
import Venues

/// The whole chain over a span of simulated time, in a folder of its own.
public struct Demo {
  /// Where the candles come from.
  public let source: DemoFiles.Source
  /// What is traded, account by account.
  public let groups: [DemoGroup]
  /// The folder of the database, the settings, the schedules, the model and the snapshots.
  public let folder: String

  /// The file that marks a folder as a demo's, which the next demo may clear.
  static let marker = ".carillon-demo"
  /// The candles that the simulated market is written down to, for the exchange in the box.
  public static let candleFolder = "candles"

  /// A demo of a source: its series are found and grouped.
  ///
  /// - Parameters:
  ///   - days: so many days from the start of each group; nil: 30 of the simulated market, the whole
  ///     span of recorded candles.
  /// - Throws: a `Fault` when there are no candles to be had.
  public init(_ source: DemoFiles.Source, days: Int?, folder: String) async throws {
    self.source = source
    self.folder = folder
    switch source {
    case .simulated:
      groups = [DemoGroup.simulated(days: days ?? 30)]
    case .csv(let path):
      groups = try DemoGroup.groups(of: try CSVMarket(directory: path).available(), days: days)
    case .exchange(let url):
      let transport = try CurlTransport()
      defer { transport.shutdown() }
      groups = try DemoGroup.groups(
        of: try await ExchangeCatalog.series(at: url, over: transport), days: days)
    }
  }

  /// Prepares the folder and runs every group from its start to its end.
  ///
  /// - Parameter progress: told the group and the part of its span that is done, 0 to 1.
  /// - Returns: the database and the number of runs.
  /// - Throws: exit 73 when the folder holds something else than a demo.
  public func run(progress: (DemoGroup, Double) -> Void) async throws -> (store: Store, runs: Int) {
    try prepareFolder()
    let settings = try readSettings()
    let transport = try CurlTransport()
    defer { transport.shutdown() }
    var sources = MarketSources(settings, transport: transport, time: SystemTime())
    if case .exchange = source {
      let horizon = groups.map(\.end).max() ?? .epoch
      sources = sources.wrapped { ReadAheadMarket($0, horizon: horizon) }
    }
    let now = SystemTime().now
    let lock = try ProcessLock.acquire(
      beside: settings.database, purpose: "carillon demo", now: now)
    let store = try Store.open(settings.database, mode: .rehearsal)
    var log = Logger(label: "demo") { _ in
      LineLog(format: .text, level: .error, stream: .error, time: SystemTime())
    }
    log.logLevel = .error
    var runs = 0
    for group in groups {
      let path = "\(folder)/schedules/\(group.name).yaml"
      let schedule = try Schedule.parse(try TextFile.read(path), at: path)
      let rehearsal = Rehearsal(
        schedule: schedule, catalog: JobCatalog(settings, sources: sources), store: store,
        time: SimulatedTime(start: group.start), lock: lock, log: log)
      let span = Double((group.end - group.start).milliseconds)
      runs += try await rehearsal.run(until: group.end + group.lastSlotDelay) { now in
        progress(group, min(1, Double((now - group.start).milliseconds) / span))
      }
    }
    if case .simulated = source { try await writeCandles(sources) }
    withExtendedLifetime(lock) {}
    return (store, runs)
  }

  private func readSettings() throws -> Settings {
    let path = "\(folder)/carillon.yaml"
    return try Settings.read(try TextFile.read(path), file: path, environment: [:]).settings
  }

  /// Writes the files that a user would write, over those of an earlier demo.
  private func prepareFolder() throws {
    let isOurs = TextFile.exists("\(folder)/\(Self.marker)")
    if !isOurs,
      TextFile.exists("\(folder)/carillon.db") || TextFile.exists("\(folder)/carillon.yaml")
    {
      throw Fault(
        "write the demo to", folder, cause: "it holds a set-up that no demo wrote",
        remedy: "choose another folder: carillon demo --out DIR", exit: .cannotCreate)
    }
    if isOurs { try removeEarlierDemo() }
    for part in ["schedules", "models"] { try TextFile.makeDirectory("\(folder)/\(part)") }
    let files = DemoFiles(groups: groups, source: source)
    try TextFile.create("\(folder)/\(Self.marker)", "carillon demo\n", replace: true)
    try TextFile.create("\(folder)/carillon.yaml", files.settings, replace: true)
    try TextFile.create("\(folder)/models/momentum.json", BuiltInModel.text, replace: true)
    for group in groups {
      try TextFile.create(
        "\(folder)/schedules/\(group.name).yaml", files.schedules(of: [group]), replace: true)
    }
    try TextFile.create(
      "\(folder)/schedules/carillon.yaml", files.schedules(of: groups), replace: true)
  }

  /// Removes what an earlier demo made here, and nothing else: what lies beside it may be anybody's.
  private func removeEarlierDemo() throws {
    let database = "carillon.db"
    guard try !DaemonLock.isHeld("\(folder)/\(database)") else {
      throw Fault(
        "write the demo to", folder, cause: "a carillon runs on it",
        remedy: "stop it, or choose another folder: carillon demo --out DIR", exit: .tryAgain)
    }
    try Folder.clear("\(folder)/\(database).locks")
    try Folder.clear("\(folder)/snapshots") { name in
      SnapshotID(name.prefix { $0 != "." }) != nil || name == ".lock"
    }
    try Folder.clear("\(folder)/\(Self.candleFolder)") { $0.hasSuffix(".csv") }
    let suffixes = [
      "", "-wal", "-shm", "-journal", ".daemon.lock", ".heartbeat", ".request", ".halt",
    ]
    let ours = Set(suffixes.map { database + $0 } + ["carillon.yaml", Self.marker])
    try Folder.clear(folder, where: ours.contains)
  }

  /// Writes the simulated candles down as files, so that the exchange in the box can serve them.
  private func writeCandles(_ sources: MarketSources) async throws {
    guard let market = sources.source(named: "demo") else { return }
    try TextFile.makeDirectory("\(folder)/\(Self.candleFolder)")
    for group in groups {
      for symbol in group.symbols {
        var text = CandleFileName.header + "\n"
        var from: Instant? = group.start - .days(30)
        while let start = from {
          let batch = try await market.candles(
            symbol, group.timeframe, from: start, closedBy: group.end,
            limit: CandleBatch.maximumCandles)
          for candle in batch.candles {
            let numbers = [candle.open, candle.high, candle.low, candle.close, candle.volume]
            let cells = ["\(candle.time.milliseconds)"] + numbers.map { "\($0)" }
            text += cells.joined(separator: ",") + "\n"
          }
          from = batch.resumeFrom
        }
        let name = "\(symbol.base)_\(symbol.quote)_\(group.timeframe).csv"
        try TextFile.create("\(folder)/\(Self.candleFolder)/\(name)", text, replace: true)
      }
    }
  }
}

extension DemoGroup {
  /// The slot after the last candle's close is part of the demo.
  fileprivate var lastSlotDelay: TimeSpan { .minutes(1) }
}
