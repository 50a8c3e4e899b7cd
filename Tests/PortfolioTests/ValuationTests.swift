import Domain
import Portfolio
import Testing

@Suite struct ValuationTests {
  private func value(
    cash: [String: String], held: [String: String], prices: [String: String]
  ) throws -> Valuation {
    var book = Book(account: "main", quote: "USDT", cash: [:], positions: [:])
    for (asset, text) in cash { book.cash[asset] = try amount(text) }
    for (pair, text) in held {
      book.positions[try symbol(pair)] = Position(
        symbol: try symbol(pair), quantity: try amount(text), cost: Amount(777))
    }
    var rates: [Symbol: Mark] = [:]
    for (pair, text) in prices {
      rates[try symbol(pair)] = Mark(price: try amount(text), time: planSlot.time)
    }
    return try Valuation(book, at: Rates(quote: "USDT", prices: rates))
  }

  @Test func isTheSumOfAssetsTimesTheirRates() throws {
    // 100 + 0.5 * 40,000 + 3 BNB of fees paid back * 300
    let valuation = try value(
      cash: ["USDT": "100", "BNB": "3"], held: ["BTC-USDT": "0.5"],
      prices: ["BTC-USDT": "40000", "BNB-USDT": "300"])
    #expect(valuation.equity == Amount(21_000))
    #expect(valuation.cash == Amount(100))
    #expect(valuation.unknown == nil)
  }

  /// 60336 ETH bought with 4155 BTC that nobody had are worth what they are worth in USDT, and the
  /// debt in BTC counts at its own rate: not 60336 * 0.0687 USDT.
  @Test func neverAddsUpTwoQuotes() throws {
    let prices = ["ETH-BTC": "0.0687", "BTC-USDT": "40000", "ETH-USDT": "2700"]
    let whole = try value(
      cash: ["USDT": "10000", "BTC": "-4155"], held: ["ETH-BTC": "60336"], prices: prices)
    // 10,000 - 4155 * 40,000 + 60,336 * 2700
    #expect(whole.equity == Amount(10_000 - 166_200_000 + 162_907_200))
    // Without a price of ETH in USDT it is unknown, and nothing is counted at what it cost.
    let blind = try value(
      cash: ["USDT": "10000"], held: ["ETH-BTC": "1"],
      prices: ["ETH-BTC": "0.0687", "BTC-USDT": "40000"])
    #expect(blind.equity == nil)
    #expect(blind.unknown == "no price of ETH in USDT")
  }

  @Test func whatIsNotHeldNeedsNoRate() throws {
    let valuation = try value(cash: ["USDT": "5", "XYZ": "0"], held: [:], prices: [:])
    #expect(valuation.equity == Amount(5))
    #expect(valuation.oldest == nil)
  }
}

@Suite struct AccountFitTests {
  @Test func namesWhatIsPaidInAnotherAsset() throws {
    let symbols = [try symbol("ETH-BTC"), try symbol("BTC-USDT")]
    #expect(AccountFit.foreign(symbols, quote: "USDT") == [try symbol("ETH-BTC")])
    let refusal = AccountFit.refusal(of: try symbol("ETH-BTC"), account: "main", quote: "USDT")
    #expect(refusal.message == "ETH-BTC is paid in BTC, but account `main` counts in USDT")
    #expect(refusal.mend == "name ETH-USDT, or give ETH-BTC an account with `quote: BTC`")
  }

  @Test func namesWhatStandsTwice() throws {
    let (a, b) = (try symbol("A-USD"), try symbol("B-USD"))
    #expect(AccountFit.duplicates([a, b, a, a]) == [a])
    #expect(AccountFit.duplicates([a, b]).isEmpty)
  }

  /// first, second: symbols of two jobs on one account (nil: all); what they share (nil: they are apart).
  @Test(
    arguments: [
      (["A-USD"], ["B-USD"], nil),
      (["A-USD", "B-USD"], ["B-USD"], ["B-USD"]),
      (nil, ["B-USD"], ["B-USD"]),
      (nil, nil, []),
      ([], nil, nil),
    ] as [([String]?, [String]?, [String]?)])
  func findsJobsThatMeet(_ first: [String]?, _ second: [String]?, _ shared: [String]?) throws {
    func claim(_ job: String, _ account: String, _ symbols: [String]?) throws
      -> AccountFit.Claim
    {
      AccountFit.Claim(
        job: try #require(JobName(job)), account: account, venue: "v",
        symbols: try symbols?.map { try symbol($0) })
    }
    let claims = [try claim("one", "main", first), try claim("two", "main", second)]
    #expect(
      AccountFit.meetings(claims).map { $0.symbols.map(\.description) }
        == (shared.map { [$0] } ?? []))
    // Other accounts have nothing to do with it.
    #expect(
      AccountFit.meetings([claims[0], try claim("two", "other", second)]).isEmpty)
  }
}
