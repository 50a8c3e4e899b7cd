import Domain
import Net
import Settings
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
