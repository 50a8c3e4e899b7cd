import ArgumentParser
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
    abstract: "Serve candle files as Binance Spot serves its public data, on this machine.",
    discussion: """
      The exchange in the box: /api/v3/ping, time, exchangeInfo and klines, so that the real client is \
      exercised without a network. Use it with `venues: { local: { kind: binance, base-url: \
      http://127.0.0.1:PORT } }`, or with `carillon demo --exchange URL`. Ctrl-C ends it.
      """)

  @Option(help: "The port; 0 takes a free one.")
  var port = 9050

  @Option(help: "A folder of candle files.", completion: .directory)
  var candles: String

  @Option(help: "Request weight allowed in a minute, as Binance counts it; 0: no limit.")
  var weight = 6000

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port is from 0 to 65535") }
    guard weight >= 0 else { throw ValidationError("--weight is not negative") }
  }

  func work(on worker: WorkerThread) async throws {
    let log = Logger(label: "exchange") { _ in
      LineLog(format: .text, level: .warning, stream: .error, time: SystemTime())
    }
    let options = ExchangeServer.Options(
      candles: candles, port: port, weightPerMinute: weight == 0 ? nil : weight)
    let server = try ExchangeServer(options, time: SystemTime(), logger: log)
    try await server.runUntilSignal { port in
      Console.out("serving \(candles) on http://127.0.0.1:\(port)")
    }
  }
}
