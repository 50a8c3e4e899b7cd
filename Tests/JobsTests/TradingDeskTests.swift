import Domain
import Net
import Settings
import StrictYAML
import Testing
import Venues

@testable import Jobs

@Suite struct TradingDeskTests {
  private static func amounts(_ texts: [String: String]) -> [String: Amount] {
    texts.compactMapValues { Amount($0) }
  }

  /// What the ledger holds, what the exchange has free and locked, and what is missing.
  @Test(
    arguments: [
      (["USDT": "100"], ["USDT": "100"], [:], []),
      (["USDT": "100", "BTC": "1"], ["USDT": "40", "BTC": "1"], ["USDT": "60"], []),
      // More is somebody's own.
      (["USDT": "100"], ["USDT": "100.5", "DOGE": "7"], [:], []),
      // To the last unit.
      (
        ["BTC": "1"], ["BTC": "0.999999999999"], [:], ["0.999999999999 BTC, where the ledger has 1"]
      ),
      (
        ["BTC": "1", "AAA": "2"], [:], [:],
        ["0 AAA, where the ledger has 2", "0 BTC, where the ledger has 1"]
      ),
      // A fee that was paid in an asset which the ledger never bought.
      (["BNB": "-0.01"], [:], [:], []),
    ] as [([String: String], [String: String], [String: String], [String])])
  func statementsAddUp(
    held: [String: String], free: [String: String], locked: [String: String], told: [String]
  ) throws {
    let statement = try BalanceStatement(
      held: Self.amounts(held),
      AccountSnapshot(
        free: Self.amounts(free), locked: Self.amounts(locked), asOf: Instant(milliseconds: 0)))
    #expect(statement.shortfalls.map(\.description) == told)
  }

  @Test func strangeOrdersLikeOursAreToldApart() {
    let open = ["car-b", "car-a", "web_123", "car-known"].map { ClientOrderID($0) }
    let strange = StrangeOrders(open, known: [ClientOrderID("car-known")])
    #expect(strange.ours.map(\.text) == ["car-a", "car-b"])
    #expect(strange.others == 1)
  }

  /// Where an order costs real money no account for trying out may trade.
  @Test(arguments: [
    ("https://testnet.binance.vision", true), ("http://127.0.0.1:9050", true),
    ("http://exchange:9050/", true), ("https://api.binance.com", false),
    ("https://API3.binance.com:443/", false), ("https://data-api.binance.vision", false),
    ("https://anything.binance.com", false),
  ])
  func realPlacesAreKnown(address: String, isForTrying: Bool) {
    let site = ExchangeSite(name: "binance", address: address, transport: NoTransport())
    #expect(site.isForTrying == isForTrying)
  }

  private static let caps =
    "mode: live, key-file: k, secret-file: s, max-order: 100, max-day: 500, max-orders-per-day: 20"

  /// Settings, the parameters of the rebalance, and what is told.
  @Test(
    arguments: [
      ("mode: test, key-file: k, secret-file: s", "http://127.0.0.1:1", nil),
      ("mode: test, cash: \"50\", key-file: k, secret-file: s", "http://127.0.0.1:1", nil),
      ("mode: test, key-file: k", "http://127.0.0.1:1", "secret-file"),
      ("mode: paper", "http://127.0.0.1:1", "cash"),
      ("\(caps), venue: binance", "http://127.0.0.1:1", nil),
      ("\(caps), venue: binance", "https://api.binance.com", nil),
      // Real money has a venue and caps, at a place for it.
      (caps, "http://127.0.0.1:1", "`venue`"),
      (
        "mode: live, key-file: k, secret-file: s, venue: binance", "http://127.0.0.1:1",
        "`max-order`"
      ),
      ("\(caps), venue: binnance", "http://127.0.0.1:1", "did you mean `binance`?"),
      ("\(caps), venue: binance", "https://testnet.binance.vision", "neither the exchange nor"),
      ("\(caps), venue: binance", "https://data-api.binance.vision", "takes no orders"),
      ("\(caps), venue: binance", "http://api.binance.com", "is not encrypted"),
      ("mode: test, key-file: k, secret-file: s", "https://api.binance.com", "is for trying out"),
    ] as [(String, String, String?)])
  func modesAreHeldAgainstTheirPlaces(account: String, address: String, told: String?) throws {
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { binance: { kind: binance, base-url: "\(address)" } }
      accounts: { main: { quote: USDT, \(account) } }
      market: { venue: binance, symbols: [BTC-USDT], timeframe: 1h, features: { up: roc(1) } }
      """
    let log = DiagnosticLog()
    do {
      let settings = try Settings.read(text, file: "/set/carillon.yaml", environment: [:]).settings
      let sources = MarketSources(settings, transport: NoTransport(), time: SystemTime())
      let job = JobCatalog(settings, sources: sources).job(
        try #require(JobName("rebalance")), .rebalance, parameters: nil, log: log)
      if told == nil {
        let execution = (job as? RebalanceJob)?.parameters.settings.execution
        guard let access = execution?.access else {
          Issue.record("\(String(describing: execution))")
          return
        }
        #expect(access.keyFile == "/set/k" && access.secretFile == "/set/s")
      }
    } catch let mistakes as Diagnostics {
      for mistake in mistakes.items { log.add(mistake) }
    }
    let words = log.diagnostics.items.filter { $0.severity == .error }.map(\.description)
    #expect(words.isEmpty == (told == nil), "\(words)")
    if let told { #expect(words.contains { $0.contains(told) }, "\(words)") }
  }
}

private struct NoTransport: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    throw Fault("ask", request.url, cause: "there is no network", exit: .unavailable)
  }
}
