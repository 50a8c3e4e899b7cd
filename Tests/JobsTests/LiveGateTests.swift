import Domain
import Net
import Settings
import Store
import StrictYAML
import Testing
import Venues

@testable import Jobs

/// What stands between a plan and real money.
@Suite struct LiveGateTests {
  private static func settings() throws -> Settings {
    try Settings.read(
      """
      version: 1
      venues: { binance: { kind: binance, base-url: "https://api.binance.com" } }
      accounts:
        main:
          { venue: binance, mode: live, quote: USDT, key-file: k, secret-file: s, max-order: 100,
            max-day: 500, max-orders-per-day: 20, limits: { max-order: 50, max-day: 900 } }
        toy: { quote: USDT, cash: "100" }
      market: { venue: binance, symbols: [BTC-USDT], timeframe: 1h, features: { up: roc(1) } }
      """, file: "c.yaml", environment: [:]
    ).settings
  }

  /// The tighter of two bounds holds, and a collar there is always.
  @Test func capsStandBesideTheBounds() throws {
    let settings = try Self.settings()
    let limits = try #require(settings.accounts["main"]).limits
    #expect(limits.order == Amount(50))
    #expect(limits.day == Amount(500))
    #expect(limits.ordersPerDay == 20)
    #expect(limits.collar == Amount("0.05"))
    #expect(settings.modeText == "live")
  }

  /// What the environment says, which accounts it arms, and what is told of a slip.
  @Test(
    arguments: [
      (nil, [], nil), ("", [], nil), ("main", ["main"], nil), (" main , ", ["main"], nil),
      ("mian", [], "did you mean `main`?"), ("toy", [], "leave it out"),
      ("main,toy", [], "leave it out"), ("true", [], "leave it out"),
    ] as [(String?, Set<String>, String?)])
  func armingIsToTheLetter(text: String?, armed: Set<String>, told: String?) throws {
    let settings = try Self.settings()
    let environment = text.map { [LiveArming.variable: $0] } ?? [:]
    do throws(Fault) {
      let accounts = try LiveArming.accounts(in: environment, settings)
      #expect(accounts == armed)
      #expect(told == nil)
    } catch {
      #expect(error.exit == .configuration)
      #expect(error.remedy?.hasPrefix(told ?? "nothing") == true, "\(error)")
    }
  }

  @Test func onlyRealMoneyHasToBeArmed() throws {
    let settings = try Self.settings()
    let (main, toy) = (
      try #require(settings.accounts["main"]), try #require(settings.accounts["toy"])
    )
    #expect(main.disarmed("main", armed: ["main"]) == nil)
    #expect(main.disarmed("main", armed: []) == "CARILLON_LIVE_ARMED does not name `main`")
    #expect(toy.disarmed("toy", armed: []) == nil)
  }

  /// What an exchange tells of a key, whether a person has looked, and whether it trades real money.
  @Test(
    arguments: [
      (KeyPermissions(canTrade: true, canWithdraw: false), false, true),
      (KeyPermissions(canTrade: true, canWithdraw: true), true, false),
      (KeyPermissions(canTrade: false, canWithdraw: false), true, false),
      (KeyPermissions(canTrade: true, canWithdraw: nil), false, false),
      (KeyPermissions(canTrade: true, canWithdraw: nil), true, true),
      (KeyPermissions(), true, true), (KeyPermissions(), false, false),
    ])
  func keysThatMayWithdrawTradeNothing(
    permissions: KeyPermissions, isConfirmed: Bool, trades: Bool
  ) {
    #expect((permissions.refusal(isConfirmed: isConfirmed) == nil) == trades)
  }

  @Test(
    arguments: [
      (.binance, "https://api.binance.com", .real),
      (.binance, "https://API4.binance.com:443/", .real),
      (.binance, "https://data-api.binance.vision", .dataAlone),
      (.binance, "http://127.0.0.1:9050", .here), (.binance, "http://127.9.0.1", .here),
      (.binance, "http://localhost:1/", .here), (.binance, "http://[::1]:80", .here),
      (.binance, "https://testnet.binance.vision", .elsewhere),
      (.binance, "http://exchange:9050", .elsewhere),
      (.binance, "http://127.0.0.1.example.com", .elsewhere),
      (.binance, "http://127.1", .elsewhere),
      (.binance, "https://api.binance.com.example.com", .elsewhere),
      (.kraken, "https://api.kraken.com", .real), (.kraken, "https://API.kraken.com:443/", .real),
      (.kraken, "http://localhost:9050", .here), (.kraken, "https://api.kraken.org", .elsewhere),
      (.kraken, "https://api.kraken.com.example.com", .elsewhere),
      // Neither is the other's exchange.
      (.binance, "https://api.kraken.com", .elsewhere),
      (.kraken, "https://api.binance.com", .elsewhere),
      (.kraken, "https://data-api.binance.vision", .elsewhere),
    ] as [(VenueSettings.Kind, String, ExchangePlace)])
  func placesAreToldApart(kind: VenueSettings.Kind, address: String, place: ExchangePlace) {
    #expect(ExchangePlace(address, kind) == place)
  }
}

/// How long an account watches before it trades real money.
@Suite struct ShadowDutyTests {
  private static func job(_ account: String, _ address: String) throws -> RebalanceJob {
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { binance: { kind: binance, base-url: "\(address)" } }
      accounts:
        main: { venue: binance, quote: USDT, key-file: k, secret-file: s, \(account) }
      market: { venue: binance, symbols: [BTC-USDT], timeframe: 1h, features: { up: roc(1) } }
      """
    let settings = try Settings.read(text, file: "c.yaml", environment: [:]).settings
    let log = DiagnosticLog()
    let job = JobCatalog(
      settings,
      sources: MarketSources(settings, transport: NoTransport(), time: SystemTime())
    ).job(try #require(JobName("rebalance")), .rebalance, parameters: nil, log: log)
    let words = log.diagnostics.items.map(\.description)
    return try #require(job as? RebalanceJob, "\(words)")
  }

  private static let caps = "max-order: 100, max-day: 500, max-orders-per-day: 20"

  @Test(
    arguments: [
      ("mode: live, \(caps)", "https://api.binance.com", 24),
      ("mode: live, \(caps)", "http://127.0.0.1:1", 0),
      ("mode: live, shadow-slots: 3, \(caps)", "http://127.0.0.1:1", 3),
      ("mode: live, shadow-slots: 0, \(caps)", "https://api.binance.com", 0),
      ("mode: shadow", "https://api.binance.com", 0), ("mode: shadow", "http://127.0.0.1:1", 0),
      ("mode: test", "http://127.0.0.1:1", 0),
    ])
  func realMoneyWaitsForItsShadow(account: String, address: String, needed: Int) throws {
    let job = try Self.job(account, address)
    #expect(ShadowDuty("main", job.parameters.settings, job.universe).needed == needed)
    #expect(job.parameters.settings.isReal == !account.hasPrefix("mode: test"))
  }

  /// Slots count once, whatever their rounds; a first order, or a person, ends the duty.
  @Test func theDutyEnds() throws {
    let job = try Self.job("mode: live, shadow-slots: 2, \(Self.caps)", "http://127.0.0.1:1")
    let bench = try Workbench()
    let name = try #require(JobName("rebalance"))
    try bench.store.write(at: Workbench.start) { tx in
      func lack() throws -> String? { try ShadowDuty.lack(of: "main", [job], tx) }
      func plan(_ hours: Int64, round: Int = 0, _ detail: String, _ orders: [Order] = []) throws {
        try tx.plans.insert(
          account: "main", Slot(job: name, time: Workbench.start + .hours(hours)), round: round,
          run: nil, equity: nil, cash: .zero, detail: detail, lines: [], orders: orders)
      }
      try tx.accounts.open("main", quote: "USDT", mode: .live, initial: Amount(1))
      #expect(try lack()?.hasPrefix("0 of 2 slots were planned in `mode: shadow`") == true)
      try plan(0, #"{"mode":"shadow"}"#)
      try plan(0, round: 1, #"{"mode":"shadow"}"#)
      try plan(1, "{}")
      #expect(try lack()?.hasPrefix("1 of 2 slots") == true)
      try plan(2, #"{"mode":"shadow"}"#)
      #expect(try lack() == nil)
    }
    let other = try Workbench()
    try other.store.write(at: Workbench.start) { tx in
      try tx.accounts.open("main", quote: "USDT", mode: .live, initial: Amount(1))
      #expect(try ShadowDuty.lack(of: "main", [job], tx) != nil)
      try ShadowDuty.waive("main", reason: "a test", tx)
      #expect(try ShadowDuty.lack(of: "main", [job], tx) == nil)
    }
    let third = try Workbench()
    try third.store.write(at: Workbench.start) { tx in
      try tx.accounts.open("main", quote: "USDT", mode: .live, initial: Amount(1))
      let slot = Slot(job: name, time: Workbench.start)
      let id = ClientOrderID("car-cccccccccccccc")
      let key = OrderKey(
        account: "main", slot: slot, symbol: try #require(Symbol("BTC-USDT")), leg: 0)
      try tx.plans.insert(
        account: "main", slot, run: nil, equity: nil, cash: .zero, detail: "{}", lines: [],
        orders: [Order(id: id, key: key, side: .buy, quantity: .one)])
      try tx.orders.move(id, to: .intent)
      #expect(try ShadowDuty.lack(of: "main", [job], tx) != nil)
      try tx.orders.move(id, to: .open, venueID: "1", isSent: true)
      #expect(try ShadowDuty.lack(of: "main", [job], tx) == nil)
    }
  }
}
