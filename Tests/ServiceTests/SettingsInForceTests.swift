import Domain
import Settings
import Testing

@testable import Service

/// What is told of settings: each value, where it comes from, and no secret.
@Suite struct SettingsInForceTests {
  static let text = """
    version: 1
    database: { path: carillon.db }
    venues:
      box: { kind: binance, base-url: "http://kim:hush-hush-1@127.0.0.1:9" }
    accounts:
      main: { quote: USDT, cash: 1000 }
    market: { venue: box, symbols: [BTC-USDT, ETH-USDT], timeframe: 1h }
    web: { port: 9001, hosts: [a.example.org, b.example.org] }
    network: { proxy: "http://hush-hush-2@proxy:3128" }
    notify:
      channels:
        hook: { kind: webhook, url: "https://example.org/hush-hush-3", secret-file: hook.secret }
        chat: { kind: telegram, chat: "1" }
    defaults:
      command: { run: [./a], environment: { KEY: hush-hush-4 } }

    """

  private func rows() throws -> [String: SettingsInForce.Row] {
    let settings = try Settings.read(
      Self.text, file: "/etc/c/carillon.yaml",
      environment: [
        "CARILLON_WEB__PORT": "9002", "CARILLON_LOG__LEVEL": "debug", "CARILLON_SCHEDULES": "x",
        "CARILLON_NOTIFY__CHANNELS__CHAT__TOKEN": "1:hush-hush-5",
      ]
    ).settings
    let rows = SettingsInForce(settings).rows
    #expect(Set(rows.map(\.name)).count == rows.count, "each once")
    for row in rows {
      #expect(!row.value.contains("hush-hush") && !row.source.contains("hush-hush"), "\(row)")
    }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
  }

  @Test(arguments: [
    // Of the file, by line.
    ("market.timeframe", "1h", "/etc/c/carillon.yaml:7"),
    ("market.symbols", "BTC-USDT, ETH-USDT", "/etc/c/carillon.yaml:7"),
    ("accounts.main.cash", "1000", "/etc/c/carillon.yaml:6"),
    ("web.hosts", "a.example.org, b.example.org", "/etc/c/carillon.yaml:8"),
    // As it is used, wherever it stands.
    ("database.path", "/etc/c/carillon.db", "/etc/c/carillon.yaml:2"),
    // Of the environment, which wins.
    ("web.port", "9002", "CARILLON_WEB__PORT"), ("log.level", "debug", "CARILLON_LOG__LEVEL"),
    // Of nobody.
    ("workers", "4", "default"), ("web.bind", "127.0.0.1", "default"),
    ("web.users-file", "none: no login", "default"),
    // Secrets, wherever they are given; the file of one is none.
    ("notify.channels.chat.token", "••••", "CARILLON_NOTIFY__CHANNELS__CHAT__TOKEN"),
    ("notify.channels.hook.url", "••••", "/etc/c/carillon.yaml:12"),
    ("notify.channels.hook.secret-file", "hook.secret", "/etc/c/carillon.yaml:12"),
    ("network.proxy", "••••", "/etc/c/carillon.yaml:9"),
    ("venues.box.base-url", "••••", "/etc/c/carillon.yaml:4"),
    ("defaults.command.environment.KEY", "••••", "/etc/c/carillon.yaml:15"),
    ("defaults.command.run", "./a", "/etc/c/carillon.yaml:15"),
  ])
  func aSetting(_ name: String, _ value: String, _ source: String) throws {
    let row = try #require(try rows()[name])
    #expect(row.value == value)
    #expect(row.source == source)
  }

  @Test func whatIsNoSetting() throws { #expect(try rows()["version"] == nil) }
}
