import Domain
import Net
import Settings
import Store
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

  /// Silence proves an order absent 65 seconds after its intent was committed: so it goes out within five
  /// of them, or gets a commit anew. A clock that was set back meanwhile makes nothing late.
  @Test(arguments: [
    (0, Int64(0), false), (0, 60_000, false), (1, 0, false), (1, 4_999, false), (1, 5_000, true),
    (49, 60_000, true), (7, -1_000, false),
  ])
  func intentsAreSentSoon(index: Int, after milliseconds: Int64, isLate: Bool) {
    let committed = Instant(milliseconds: 1_767_225_600_000)
    #expect(
      OrderDesk.isLate(
        index, committed: committed, now: committed + .milliseconds(milliseconds)) == isLate)
  }

  @Test func strangeOrdersLikeOursAreToldApart() {
    let open = ["car-b", "car-a", "web_123", "car-known"].map { ClientOrderID($0) }
    let strange = StrangeOrders(open, known: [ClientOrderID("car-known")])
    #expect(strange.ours.map(\.text) == ["car-a", "car-b"])
    #expect(strange.others == 1)
  }

  /// Where an order costs real money no account for trying out may trade.
  @Test(arguments: [
    (VenueSettings.Kind.binance, "https://testnet.binance.vision", true),
    (.binance, "http://127.0.0.1:9050", true), (.binance, "http://exchange:9050/", true),
    (.binance, "https://api.binance.com", false),
    (.binance, "https://API3.binance.com:443/", false),
    (.binance, "https://data-api.binance.vision", false),
    (.binance, "https://anything.binance.com", false),
    // Kraken Spot has no test network: only this machine is known not to be real.
    (.kraken, "https://api.kraken.com", false), (.kraken, "https://kraken.example", false),
    (.kraken, "http://exchange:9050", false), (.kraken, "http://127.0.0.1.example:9050", false),
    (.kraken, "http://127.0.0.1:9050", true), (.kraken, "http://localhost/", true),
    (.kraken, "http://[::1]:9050", true), (.kraken, "http://[2001:db8::1]:9050", false),
  ])
  func realPlacesAreKnown(kind: VenueSettings.Kind, address: String, isForTrying: Bool) {
    let site = ExchangeSite(
      name: "there", kind: kind, address: address, transport: NoTransport(), keys: VenueKeys())
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
      (
        "mode: test, key-file: k, secret-file: s, cancel-all-after: 60s", "http://127.0.0.1:1",
        "Binance Spot has no switch"
      ), ("cash: \"50\", cancel-all-after: 60s", "http://127.0.0.1:1", "on paper"),
      (
        "mode: test, key-file: k, secret-file: s, cancel-all-after: 29s", "http://127.0.0.1:1",
        "30s"
      ),
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

/// What Kraken gives, and what is refused where it would go beyond.
@Suite struct KrakenSettingsTests {
  private static func jobs(
    _ address: String, history: String? = nil, timeframe: String = "1h",
    account: String = "mode: test, key-file: k, secret-file: s"
  ) throws -> (fetch: FetchJob?, rebalance: RebalanceJob?, words: [String]) {
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { kraken: { kind: kraken\(address.isEmpty ? "" : ", base-url: \"\(address)\"") } }
      accounts: { main: { quote: USD, \(account) } }
      market: { venue: kraken, symbols: [BTC-USD], timeframe: \(timeframe), features: { up: roc(1) } }
      \(history.map { "defaults: { fetch: { history: \($0) } }" } ?? "")
      """
    let log = DiagnosticLog()
    let settings = try Settings.read(text, file: "/set/carillon.yaml", environment: [:]).settings
    let sources = MarketSources(settings, transport: NoTransport(), time: SystemTime())
    let catalog = JobCatalog(settings, sources: sources)
    let fetch = catalog.job(try #require(JobName("fetch")), .fetch, parameters: nil, log: log)
    let rebalance = catalog.job(
      try #require(JobName("rebalance")), .rebalance, parameters: nil, log: log)
    return (
      fetch as? FetchJob, rebalance as? RebalanceJob,
      log.diagnostics.items.filter { $0.severity == .error }.map(\.description)
    )
  }

  /// 720 candles, the newest of which is not closed: 719 hours are 29 days and 23 hours.
  @Test(
    arguments: [
      ("1h", nil, nil), ("1h", "29d", nil), ("1h", "30d", "29d23h"), ("1m", "12h", "11h59m"),
      ("1d", "719d", nil), ("1d", "720d", "719d"),
    ] as [(String, String?, String?)])
  func historyIsNoDeeperThanKrakens(timeframe: String, history: String?, told: String?) throws {
    let (fetch, _, words) = try Self.jobs("", history: history, timeframe: timeframe)
    guard let told else {
      #expect(words.isEmpty)
      let depth = try #require(Timeframe(timeframe)).span * 719
      #expect(try #require(fetch).parameters.history <= depth)
      return
    }
    #expect(words.count == 1 && words[0].contains("of the last \(told) alone"), "\(words)")
  }

  @Test func whatIsForTryingOutDoesNotGoToTheExchange() async throws {
    let (_, rebalance, words) = try Self.jobs("")
    #expect(words.isEmpty)
    do {
      _ = try await #require(rebalance).standing(time: SystemTime())
      Issue.record("https://api.kraken.com was asked")
    } catch let fault as Fault {
      #expect(fault.exit == .refused)
      #expect(fault.cause.contains("no test network: https://api.kraken.com is real"))
      #expect(fault.remedy?.contains("carillon exchange --venue kraken") == true)
    }
  }

  /// Real money goes to Kraken itself, or is rehearsed on this machine, under the caps that every exchange has.
  @Test(
    arguments: [
      ("", nil), ("https://api.kraken.com", nil), ("http://127.0.0.1:9050", nil),
      ("http://api.kraken.com", "is not encrypted"),
      ("https://kraken.example", "neither the exchange nor this machine"),
      ("https://api.binance.com", "neither the exchange nor this machine"),
    ] as [(String, String?)])
  func realMoneyHasItsPlace(address: String, told: String?) throws {
    let caps = "max-order: 100, max-day: 500, max-orders-per-day: 20"
    let (_, rebalance, words) = try Self.jobs(
      address,
      account:
        "venue: kraken, mode: live, key-file: k, secret-file: s, cancel-all-after: 60s, \(caps)")
    #expect(words.isEmpty == (told == nil), "\(words)")
    if let told { #expect(words.contains { $0.contains(told) }, "\(words)") }
    if told == nil { #expect(try #require(rebalance).parameters.settings.isLive) }
  }

  /// And without them it is none.
  @Test(arguments: ["max-order", "max-day", "max-orders-per-day"])
  func realMoneyHasItsCaps(_ missing: String) throws {
    let caps = ["max-order": "100", "max-day": "500", "max-orders-per-day": "20"]
      .filter { $0.key != missing }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    #expect(throws: Diagnostics.self) {
      _ = try Self.jobs(
        "", account: "venue: kraken, mode: live, key-file: k, secret-file: s, \(caps)")
    }
  }

  /// One holder at a time, over processes and restarts; what is on record does not go back.
  @Test func aKeyHasOneUserAtATime() throws {
    let bench = try Workbench()
    let (first, second) = (VenueKeys(), VenueKeys())
    for keys in [first, second] { keys.keep(beside: bench.store.path) }
    let hold = try #require(try first.keeper("abc").take())
    let rival = try second.keeper("abc").take()
    #expect(rival == nil)
    let other = try second.keeper("other").take()
    #expect(other != nil)
    // It is held for as long as it is not let go of.
    hold.release()
  }

  @Test func noncesOutliveTheProcess() throws {
    let bench = try Workbench()
    func next() throws -> UInt64 {
      let keys = VenueKeys()
      keys.keep(beside: bench.store.path)
      let hold = try #require(try keys.keeper("abc").take())
      defer { hold.release() }
      var state = hold.state
      let nonce = state.nextNonce(at: Instant(milliseconds: 1))
      try hold.write(state)
      return nonce
    }
    #expect(try next() == 1_000_000)
    #expect(try next() == 1_000_001)
    #expect(try next() == 1_000_002)
  }
}

struct NoTransport: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    throw Fault("ask", request.url, cause: "there is no network", exit: .unavailable)
  }
}
