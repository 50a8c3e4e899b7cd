import ArgumentParser
import Box
import Domain
import Jobs
import Logging
import Service
import Settings
import Simulation

/// `carillon exchange`
struct ExchangeCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "exchange",
    abstract:
      "Serve an exchange on this machine: a venue to trade at, or candle files as they are.",
    discussion: """
      With --venue the exchange in the box: markets, accounts, orders, fees, limits and errors of Binance \
      Spot or Kraken Spot, for any client of theirs that takes another address. Prices are those of \
      --candles, moved so that two thirds of each file lie in the past and the rest is still to come \
      (after a file's end it is played backwards and forwards again), or without it a simulated market. \
      Its clock is the machine's unless --speed or --start say otherwise; requests that are stamped by \
      the machine's clock are taken in any case. Without --accounts there is one account: key `key`, \
      secret `c2VjcmV0c2VjcmV0`. The first line that is printed is the address. Ctrl-C ends it.

      Without --venue only public data of Binance: /api/v3/ping, time, exchangeInfo and klines, with all \
      rows of the files at their own times, for `carillon demo --exchange URL`.
      """)

  /// Whose interface is served.
  enum VenueName: String, ExpressibleByArgument, CaseIterable {
    /// Binance Spot.
    case binance
    /// Kraken Spot.
    case kraken
  }

  @Option(help: "Whose interface to serve: binance or kraken.")
  var venue: VenueName?

  @Option(help: "The port; 0 takes a free one.")
  var port = 9050

  @Option(help: "A folder of candle files.", completion: .directory)
  var candles: String?

  @Option(help: "The seed of the simulated market, where there is no --candles.")
  var seed: UInt64 = 1

  @Option(help: "How many seconds of the exchange one second takes; 0: its clock stands.")
  var speed = 1.0

  @Option(
    help: """
      When the exchange's clock starts (2026-03-08T07:00:00Z): candles keep their times. Without it now, \
      with candles moved.
      """)
  var start: String?

  @Option(help: "A YAML file of accounts.", completion: .file())
  var accounts: String?

  @Option(help: "What goes wrong: a file of lines such as `place#3 after lose-reply`, or a seed.")
  var faults: String?

  @Option(help: "A file for a line of JSON for each call, order and trade.", completion: .file())
  var journal: String?

  @Option(
    help:
      "Request weight allowed in a minute, as Binance counts it; 0: no limit, of Kraken's calls neither."
  )
  var weight = 6000

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port is from 0 to 65535") }
    guard weight >= 0 else { throw ValidationError("--weight is not negative") }
    guard speed >= 0, speed <= 100_000 else {
      throw ValidationError("--speed is from 0 to 100000")
    }
    if venue == nil {
      guard candles != nil else { throw ValidationError("give --venue, or a folder of --candles") }
      for (name, isGiven) in [
        ("--speed", speed != 1), ("--start", start != nil), ("--accounts", accounts != nil),
        ("--journal", journal != nil), ("--faults", faults != nil),
      ] where isGiven {
        throw ValidationError("\(name) needs --venue")
      }
    }
    if let start, Instant(rfc3339: start) == nil {
      throw ValidationError("--start is a time like 2026-03-08T07:00:00Z")
    }
  }

  func work(on worker: WorkerThread) async throws {
    let log = Logger(label: "exchange") { _ in
      LineLog(format: .text, level: .warning, stream: .error, time: SystemTime())
    }
    guard let venue else { return try await serveFiles(log) }
    let time = SystemTime()
    let now = time.now
    let opening = start.flatMap { Instant(rfc3339: $0) } ?? now
    let clock = BoxClock(started: now, opening: opening, speed: speed)
    let market =
      if let candles {
        try await BoxMarket(folder: candles, opening: opening, isMoved: start == nil)
      } else {
        try await BoxMarket(seed: seed)
      }
    let holders = try accounts.map { try AccountsFile.read($0) } ?? [.standard]
    let skin: any WireSkin =
      switch venue {
      case .binance:
        try BinanceSkin(
          market, accounts: holders, clock: clock, weightPerMinute: weight == 0 ? nil : weight)
      case .kraken:
        try KrakenSkin(market, accounts: holders, clock: clock, hasLimits: weight != 0)
      }
    let server = BoxServer(
      skin, clock: clock, time: time, faults: try faults.map { try FaultFile.plan($0) } ?? .none,
      journal: try journal.map { try JournalFile($0) }, port: port,
      logger: log)
    try await server.runUntilSignal { Console.out("http://127.0.0.1:\($0)") }
  }

  private func serveFiles(_ log: Logger) async throws {
    let options = ExchangeServer.Options(
      candles: candles ?? "", port: port, weightPerMinute: weight == 0 ? nil : weight)
    let server = try ExchangeServer(options, time: SystemTime(), logger: log)
    try await server.runUntilSignal { Console.out("http://127.0.0.1:\($0)") }
  }
}
