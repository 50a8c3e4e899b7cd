import Domain
import Glibc
import Jobs
import Logging
import Net
import Settings
import Store
import StrictYAML

// Times the compute job as it runs in production, from the database and back into it:
// `ComputeBench FOLDER SYMBOLS CANDLES ROUNDS`. A folder without a database gets one of so many random
// candles, and the job's first run makes all rows. Then, and in a folder that has one (which is a
// restart), come rounds of one new candle for every symbol. Prints the name of each run with its wall
// and CPU time in seconds; claim, commit and the wait for the disk are part of it, and for the first
// round of a process so is opening the database. `peers/compute.py` runs it beside a peer.

let arguments = CommandLine.arguments
guard arguments.count == 5, let symbolCount = Int(arguments[2]),
  let candleCount = Int(arguments[3]),
  let rounds = Int(arguments[4])
else { fatalError("usage: ComputeBench FOLDER SYMBOLS CANDLES ROUNDS") }
let folder = arguments[1]

let features = [
  "sma(20)", "ema(20)", "wma(20)", "dema(20)", "tema(20)", "kama(10)", "rsi(14)",
  "macd(12,26,9).macdhist", "bbands(20).upperband", "atr(14)", "adx(14)", "cci(14)", "mfi(14)",
  "stoch(14,3,sma,3,sma).slowk", "willr(14)", "roc(10)", "mom(10)", "stddev(20)", "linearreg(14)",
  "aroon(14).aroonup",
]
let symbols = (0..<symbolCount).compactMap { Symbol(base: "S\($0)", quote: "USDT") }
let text = """
  version: 1
  database: { path: compute.db }
  venues: { bench: { kind: simulated } }
  accounts: { main: { quote: USDT, cash: "1000" } }
  market:
    venue: bench
    timeframe: 1h
    symbols: [\(symbols.map(\.description).joined(separator: ", "))]
    features: { \(features.enumerated().map { "f\($0.offset): \"\($0.element)\"" }.joined(separator: ", ")) }
  """

struct NoNetwork: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    fatalError("computing asks nobody")
  }
}

/// A walk of prices that is the same at every run.
struct Walk {
  private var state: UInt64
  private var price = 100.0

  init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func uniform() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) / Double(1 << 53)
  }

  mutating func candle(_ number: Int) -> Candle {
    let open = price
    price *= 1 + 0.02 * (uniform() - 0.5)
    let (top, bottom) = (max(open, price), min(open, price))
    return Candle(
      time: start + .hours(Int64(number)), open: open, high: top * (1 + 0.005 * uniform()),
      low: bottom * (1 - 0.005 * uniform()), close: price, volume: 1 + 100 * uniform())
  }
}

let start = Instant(seconds: 1_700_000_000 / 3600 * 3600)
let settings = try Settings.read(text, file: "\(folder)/carillon.yaml", environment: [:]).settings
let isNew = access(settings.database, F_OK) != 0

func now(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func measured<T>(_ what: String, _ body: () async throws -> T) async rethrows -> T {
  let (wall, cpu) = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
  let result = try await body()
  print(what, now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu)
  return result
}

let time = SystemTime()
let log = DiagnosticLog()
let name = JobName("compute")!
let catalog = JobCatalog(
  settings, sources: MarketSources(settings, transport: NoNetwork(), time: time))
guard let job = catalog.job(name, .compute, parameters: nil, log: log) else {
  fatalError("\(log.diagnostics)")
}
let worker = WorkerThread(name: "bench")

/// The candles of these numbers for every symbol, which are the same however they are cut.
func write(_ numbers: Range<Int>, to store: Store) throws {
  try store.write(at: time.now) { transaction in
    for (index, symbol) in symbols.enumerated() {
      var walk = Walk(index + 1)
      for number in 0..<numbers.lowerBound { _ = walk.candle(number) }
      let candles = numbers.map { walk.candle($0) }
      let series = try transaction.series.register(
        Series(venue: "bench", symbol: symbol, timeframe: .hour))
      _ = try transaction.candles.upsert(candles, series: series, run: nil)
    }
  }
}

func compute(_ runner: Runner, at slot: Instant) async throws {
  let firing = Firing(
    slot: Slot(job: name, time: slot), trigger: .manual, policy: JobPolicy(kind: .compute))
  guard case .claimed(let run, let attempt) = try runner.claim(firing) else {
    fatalError("the slot is taken")
  }
  let end = try await runner.run(
    ClaimedRun(firing: firing, run: run, attempt: attempt), job: job, on: worker)
  guard end.state == .succeeded else { fatalError("\(end)") }
}

let lock = try ProcessLock.acquire(beside: settings.database, purpose: "bench", now: time.now)
func runner(_ store: Store) -> Runner {
  Runner(
    store: store, holder: lock.holder, time: time, conditions: Conditions(),
    log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
}

var count = candleCount
if isNew {
  let store = try Store.open(settings.database, mode: .create)
  try write(0..<candleCount, to: store)
  try await measured("back-fill") {
    try await compute(runner(store), at: start + .hours(Int64(candleCount)))
  }
  try store.close()
} else {
  let store = try Store.open(settings.database, mode: .readOnly)
  count = try store.read { transaction in
    guard let series = try transaction.series.all().first else { fatalError("there is no series") }
    return try transaction.candles.count(series)
  }
  try store.close()
}
for round in 0..<rounds {
  var store = try Store.open(settings.database, mode: .readWrite)
  try write(count..<count + 1, to: store)
  count += 1
  let slot = start + .hours(Int64(count))
  if round == 0 {
    try store.close()
    try await measured(isNew ? "first" : "restarted") {
      store = try Store.open(settings.database, mode: .readWrite)
      try await compute(runner(store), at: slot)
    }
  } else {
    // The connections are warm, as a daemon's are.
    _ = try store.read { try $0.series.all().count }
    try await measured("candle") { try await compute(runner(store), at: slot) }
  }
  try store.close()
}
worker.stop()
withExtendedLifetime(lock) {}
