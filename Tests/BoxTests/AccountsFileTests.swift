import Domain
import StrictYAML
import Testing

@testable import Box

@Suite struct AccountsFileTests {
  @Test func readsAccounts() throws {
    let accounts = try AccountsFile.accounts(
      in: """
        accounts:
          main: { key: K, secret: S, balances: { USDT: "10000", BTC: "0.5" } }
          other:
            key: K2
            secret: S2
        """, file: "a.yaml")
    #expect(accounts.map(\.name) == ["main", "other"])
    #expect(accounts[0].balances == ["USDT": Amount(10_000), "BTC": Amount("0.5")!])
    #expect(accounts[0].secret.reveal { $0 } == "S")
    #expect(accounts[1].balances.isEmpty)
  }

  @Test(arguments: [
    // text -> line, column, the beginning of what is said
    ("accounts: { a: { key: K } }", 1, 16, "`secret` is missing"),
    ("accounts: { a: { key: K, secret: S, ballances: {} } }", 1, 37, "unknown key `ballances`"),
    ("accounts:\n  a: { key: K, secret: S, balances: { USDT: -1 } }", 2, 45, "`USDT` must be"),
    ("accounts:\n  a: { key: K, secret: S, balances: { usdt: 1 } }", 2, 39, "`usdt` is no asset"),
    (
      "accounts:\n  a: { key: K, secret: S }\n  b: { key: K, secret: T }", 3, 6,
      "\"b\" has the same"
    ),
    ("{}", 1, 1, "`accounts` is missing"),
  ])
  func tellsWhereAMistakeIs(_ text: String, _ line: Int, _ column: Int, _ words: String) throws {
    let found = #expect(throws: Diagnostics.self) {
      try AccountsFile.accounts(in: text, file: "a.yaml")
    }
    let first = try #require(found?.items.first)
    #expect((first.location.line, first.location.column) == (line, column))
    #expect(first.message.hasPrefix(words), "\(first.message)")
  }
}
