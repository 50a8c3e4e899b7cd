import ArgumentParser
import Domain
import Glibc
import Jobs
import Service
import Simulation
import Store

/// `carillon demo`
struct DemoCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the whole chain over simulated time: no keys, no network.",
    discussion: """
      Without options: 30 days, hourly, on a seeded simulated market. With --candles the series of a \
      folder of CSV files (time_ms,open,high,low,close,volume; BASE_QUOTE_TIMEFRAME.csv or \
      SYMBOL_TIMEFRAME.csv in USD), grouped by quote and timeframe, each group an account of its own. \
      With --exchange the same series through the client for Binance, from \
      `carillon exchange --candles DIR`.
      """)

  @Option(help: "The folder to write to; an earlier demo there is replaced.")
  var out = "demo"

  @Option(help: "A folder of candle files.", completion: .directory)
  var candles: String?

  @Option(
    help: "The address of a running `carillon exchange --candles DIR`, like http://127.0.0.1:9050.")
  var exchange: String?

  @Option(help: "So many days from the start of each group.")
  var days: Int?

  @Option(help: "The seed of the simulated market.")
  var seed: UInt64 = 1

  func validate() throws {
    if candles != nil, exchange != nil {
      throw ValidationError("--candles and --exchange exclude each other")
    }
    if let days, !(1...36_500).contains(days) {
      throw ValidationError("--days is from 1 to 36500")
    }
    if let exchange, !exchange.hasPrefix("http://"), !exchange.hasPrefix("https://") {
      throw ValidationError("--exchange is an address like http://127.0.0.1:9050")
    }
  }

  func work(on worker: WorkerThread) async throws {
    StandardOutput.outliveReaders()
    let began = SystemTime().uptime
    let source: DemoFiles.Source =
      candles.map { .csv(absolute($0)) } ?? exchange.map { .exchange($0) }
      ?? .simulated(seed: seed)
    let demo = try await Demo(source, days: days, folder: out)
    let bar = ProgressBar()
    let (store, runs) = try await demo.run { group, part in bar.show(group.name, part) }
    bar.clear()
    let took = SystemTime().uptime - began
    try DemoReport(demo, store, runs: runs, took: took, source: source).print()
    try store.close()
  }

  /// A path that means the same from the demo's own folder.
  private func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}
