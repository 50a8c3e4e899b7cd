import Domain
import Glibc
import Jobs
import Logging
import Net
import Settings
import Store
import StrictYAML

// Times a rebalance as it runs in production, on paper, from the database and back into it:
// `RebalanceBench FOLDER INSTRUMENTS TOP`. A new database gets so many instruments with a candle and a
// score each; then the TOP best are bought in one slot, and in the next the ranks are turned round, so
// that all of them are sold and others bought. Before each, the plan alone is made without a write, as
// `carillon plan` makes it. Prints what was done with its wall and CPU time in milliseconds and its
// commits; claim, every commit and the wait for the disk are part of it.

let arguments = CommandLine.arguments
guard arguments.count == 4, let instruments = Int(arguments[2]), let top = Int(arguments[3]) else {
  fatalError("usage: RebalanceBench FOLDER INSTRUMENTS TOP")
}
let folder = arguments[1]
let symbols = (0..<instruments).compactMap { Symbol(base: "S\($0)", quote: "USDT") }
let text = """
  version: 1
  database: { path: rebalance.db }
  venues: { bench: { kind: simulated } }
  accounts: { main: { quote: USDT, cash: "10000000" } }
  market:
    venue: bench
    timeframe: 1h
    symbols: [\(symbols.map(\.description).joined(separator: ", "))]
  defaults:
    rebalance: { top: \(top), max-weight: 1, band: 0.00001, max-age: 3h }
  """

struct NoNetwork: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    fatalError("paper asks nobody")
  }
}

func now(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

let time = SystemTime()
let settings = try Settings.read(text, file: "\(folder)/carillon.yaml", environment: [:]).settings
let log = DiagnosticLog()
let (name, infer) = (JobName("rebalance")!, JobName("infer")!)
let catalog = JobCatalog(
  settings, sources: MarketSources(settings, transport: NoNetwork(), time: time))
guard let job = catalog.job(name, .rebalance, parameters: nil, log: log),
  let planning = job as? any PlanningJob
else { fatalError("\(log.diagnostics)") }
let lock = try ProcessLock.acquire(beside: settings.database, purpose: "bench", now: time.now)
let store = try Store.open(settings.database, mode: .create)
let runner = Runner(
  store: store, holder: lock.holder, time: time, conditions: Conditions(),
  log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
let worker = WorkerThread(name: "bench")

func measured<T>(_ what: String, _ body: () async throws -> T) async rethrows -> T {
  let before = store.commits
  let (wall, cpu) = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
  let result = try await body()
  let (took, used) = (now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu)
  func tenths(_ seconds: Double) -> Double { (seconds * 10_000).rounded() / 10 }
  print(what, tenths(took), "ms", tenths(used), "ms CPU", store.commits - before, "commits")
  return result
}

let first = Instant(milliseconds: time.now.milliseconds / 3_600_000 * 3_600_000)
let model = String(repeating: "0", count: 64)

/// Writes a candle that closed at the slot's hour, and scores of the slot.
func prepare(_ slot: Instant, isTurned: Bool, isFirst: Bool) throws {
  try store.write(at: time.now) { transaction in
    if isFirst {
      try transaction.models.register(
        ModelRecord(sha256: model, kind: "rules", name: nil, file: "m", features: ["a"]))
    }
    var scores: [Prediction] = []
    for (index, symbol) in symbols.enumerated() {
      let series = Series(venue: "bench", symbol: symbol, timeframe: .hour)
      if isFirst {
        try transaction.instruments.save(
          Instrument(
            symbol: symbol, tick: Amount(units: 10_000_000_000), lot: Amount(units: 1_000_000),
            minimumNotional: Amount(5)), at: "bench")
        let record = try transaction.series.register(series)
        let price = 10 + Double(index % 97)
        let candle = Candle(
          time: first - .hours(1), open: price, high: price, low: price, close: price,
          volume: 1e9)
        _ = try transaction.candles.upsert([candle], series: record, run: nil)
      }
      let rank = Double((index * 7919) % instruments) + 1
      scores.append(
        Prediction(
          series: series, time: first - .hours(1),
          score: isTurned ? Double(instruments + 2) - rank : rank,
          model: model, featureSet: nil))
    }
    try transaction.predictions.replace(Slot(job: infer, time: slot), with: scores, run: nil)
  }
}

for (round, what) in ["buy", "turn"].enumerated() {
  let slot = Slot(job: name, time: first + .milliseconds(Int64(round)))
  try prepare(slot.time, isTurned: round == 1, isFirst: round == 0)
  // The connections are warm, as a daemon's are.
  _ = try store.read { try $0.series.all().count }
  let preview = try await measured("plan-\(what)") {
    try await planning.preview(slot, in: store, time: time, halt: nil)
  }
  guard case .planned = preview.outcome else { fatalError("\(preview.outcome)") }
  let end = try await measured("rebalance-\(what)") {
    let firing = Firing(slot: slot, trigger: .manual, policy: JobPolicy(kind: .rebalance))
    guard case .claimed(let run, let attempt) = try runner.claim(firing) else {
      fatalError("the slot is taken")
    }
    return try await runner.run(
      ClaimedRun(firing: firing, run: run, attempt: attempt), job: job, on: worker)
  }
  guard end.state == .succeeded else { fatalError("\(end)") }
  print("# \(end.result?.summary ?? "")")
}
worker.stop()
try store.close()
withExtendedLifetime(lock) {}
