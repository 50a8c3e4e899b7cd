import Domain
import Portfolio
import Testing

/// An amount of a literal, which a test may trust.
private func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }

private func symbol(_ text: String) throws -> Symbol { try #require(Symbol(text)) }

@Suite struct OrderIdentityTests {
  @Test(arguments: [
    // python3: base64.b32encode(hashlib.sha256(TEXT.encode()).digest()).decode().lower()[:14]
    ("main", "rebalance", 1_795_183_260_000, "ETH-USDT", 0, "car-yxf2zqaylvxh5w"),
    ("btc-5m", "rebalance-btc-5m", 1_515_560_400_000, "ETC-BTC", 1, "car-losx24vtzdxjno"),
  ])
  func isTheHashOfTheKey(
    _ account: String, _ job: String, _ slot: Int64, _ pair: String, _ leg: Int, _ id: String
  ) throws {
    let key = OrderKey(
      account: account,
      slot: Slot(job: try #require(JobName(job)), time: Instant(milliseconds: slot)),
      symbol: try symbol(pair), leg: leg)
    #expect(ClientOrderID(deriving: key).text == id)
  }
}

@Suite struct TargetRuleTests {
  private func weights(
    _ scores: [String: Double], top: Int = 3, weighting: TargetRule.Weighting = .equal,
    cap: String = "1", buffer: String = "0"
  ) throws -> [String: String] {
    let rule = TargetRule(
      top: top, weighting: weighting, maximumWeight: try amount(cap),
      cashBuffer: try amount(buffer), threshold: 0)
    var keyed: [Symbol: Double] = [:]
    for (name, score) in scores { keyed[try symbol(name + "-USD")] = score }
    var result: [String: String] = [:]
    for (symbol, target) in try rule.weights(of: keyed) {
      result[symbol.base] = target.weight.description
    }
    return result
  }

  @Test func sharesEquallyAmongTheBest() throws {
    // 4 candidates for 2 places of (1 - 0.1) / 2
    #expect(
      try weights(["A": 1, "B": 3, "C": 2, "D": 0.5], top: 2, buffer: "0.1")
        == ["A": "0", "B": "0.45", "C": "0.45", "D": "0"])
  }

  @Test func leavesCashForPlacesWithoutACandidate() throws {
    #expect(try weights(["A": 1, "B": -1], top: 4) == ["A": "0.25", "B": "0"])
  }

  @Test func sharesInProportionToScores() throws {
    // 3 / (3 + 1) and 1 / (3 + 1) of 0.8
    #expect(
      try weights(["A": 3, "B": 1, "C": 0], weighting: .score, buffer: "0.2")
        == ["A": "0.6", "B": "0.2", "C": "0"])
  }

  @Test func capsAndKeepsTheRestInCash() throws {
    #expect(
      try weights(["A": 9, "B": 1], weighting: .score, cap: "0.5") == ["A": "0.5", "B": "0.1"])
  }

  @Test func scoresThatAreNoNumbersGetNothing() throws {
    #expect(
      try weights(["A": .nan, "B": .infinity, "C": 1], top: 1) == ["A": "0", "B": "0", "C": "1"])
  }

  @Test func tiesAreBrokenBySymbol() throws {
    #expect(try weights(["B": 1, "A": 1, "C": 1], top: 2) == ["A": "0.5", "B": "0.5", "C": "0"])
  }
}

@Suite struct RebalancePlanTests {
  private let slot = Slot(job: JobName("rebalance")!, time: Instant(seconds: 1_700_000_000))

  private func input(
    prices: [String: String], targets: [String: String], held: [String: String] = [:],
    cash: String, lot: String = "0.001", band: String = "0.01", least: String = "5",
    fee: String = "0", slippage: String = "0"
  ) throws -> RebalancePlan.Input {
    var instruments: [Instrument] = []
    var priceTable: [Symbol: Amount] = [:]
    for (name, price) in prices {
      instruments.append(
        Instrument(
          symbol: try symbol(name + "-USD"), tick: try amount("0.01"), lot: try amount(lot),
          minimumNotional: try amount("1")))
      priceTable[try symbol(name + "-USD")] = try amount(price)
    }
    var targetTable: [Symbol: Target] = [:]
    for (name, weight) in targets {
      targetTable[try symbol(name + "-USD")] = Target(weight: try amount(weight), reason: .chosen)
    }
    var positions: [Symbol: Position] = [:]
    for (name, quantity) in held {
      positions[try symbol(name + "-USD")] = Position(
        symbol: try symbol(name + "-USD"), quantity: try amount(quantity), cost: .zero)
    }
    return RebalancePlan.Input(
      account: "main", slot: slot, instruments: instruments, prices: priceTable, scores: [:],
      targets: targetTable, positions: positions, cash: try amount(cash),
      band: try amount(band), minimumNotional: try amount(least),
      costs: TradingCosts(fee: try amount(fee), slippage: try amount(slippage)))
  }

  private func orders(_ plan: RebalancePlan) -> [String] {
    plan.orders.map { "\($0.side) \($0.quantity) \($0.key.symbol.base)" }
  }

  @Test func buysToTheTargetRoundedToTheLot() throws {
    // 1000 * 0.5 / 3 = 166.666...; 1000 * 0.4 / 7 = 57.142857...
    let plan = try RebalancePlan(
      try input(prices: ["A": "3", "B": "7"], targets: ["A": "0.5", "B": "0.4"], cash: "1000"))
    #expect(plan.equity.description == "1000")
    #expect(orders(plan) == ["buy 166.666 A", "buy 57.142 B"])
  }

  @Test func sellsFirstAndWholeWhenTheTargetIsZero() throws {
    // equity 10 * 50 + 500 = 1000; B wants 0.8 * 1000 / 20 = 40
    let plan = try RebalancePlan(
      try input(
        prices: ["A": "20", "Z": "50"], targets: ["A": "0.8", "Z": "0"], held: ["Z": "10"],
        cash: "500"))
    #expect(orders(plan) == ["sell 10 Z", "buy 40 A"])
  }

  @Test func leavesSmallDriftAlone() throws {
    // 5 * 100 / 1000 = 0.5, target 0.505: drift 0.005 <= band 0.01
    let plan = try RebalancePlan(
      try input(prices: ["A": "100"], targets: ["A": "0.505"], held: ["A": "5"], cash: "500"))
    #expect(plan.orders.isEmpty)
    #expect(plan.lines.map(\.decision) == [.hold("inside band")])
  }

  @Test func scalesPurchasesDownToTheCash() throws {
    // Wanted: 100 at 10 = 1000, with 1 % fee 1010 > 1000. Factor 1000 / 1010 = 0.990099...
    let plan = try RebalancePlan(
      try input(prices: ["A": "10"], targets: ["A": "1"], cash: "1000", fee: "0.01"))
    #expect(orders(plan) == ["buy 99.009 A"])
  }

  @Test func countsWhatTheTickCosts() throws {
    // At 0.101 with a tick of 0.01 a purchase fills at 0.11: 1000 / 0.11 = 9090.909..., less than
    // the 1000 / 0.101 = 9900.99 that are wanted.
    let plan = try RebalancePlan(
      try input(prices: ["A": "0.101"], targets: ["A": "1"], cash: "1000"))
    #expect(orders(plan) == ["buy 9090.909 A"])
  }

  @Test func respectsTheMinimumNotional() throws {
    let plan = try RebalancePlan(
      try input(prices: ["A": "10"], targets: ["A": "0.1"], cash: "40"))  // 4 < 5
    #expect(plan.lines.map(\.decision) == [.hold("below minimum notional 5")])
  }

  @Test func countsWorkingOrdersAsDone() throws {
    var given = try input(prices: ["A": "10"], targets: ["A": "0.5"], cash: "1000")
    let key = OrderKey(account: "main", slot: slot, symbol: try symbol("A-USD"), leg: 0)
    let working = Order(
      id: ClientOrderID(deriving: key), key: key, side: .buy, quantity: try amount("50"),
      state: .unknown)
    given.working = [(order: working, open: working.quantity)]
    let plan = try RebalancePlan(given)
    #expect(plan.equity.description == "1000")
    #expect(plan.orders.isEmpty)
  }

  @Test func touchesNothingWithoutAScoreOrAPrice() throws {
    var given = try input(
      prices: ["A": "10", "B": "10"], targets: ["B": "0.5"], held: ["A": "10"], cash: "900")
    given.prices[try symbol("B-USD")] = nil
    let plan = try RebalancePlan(given)
    #expect(plan.orders.isEmpty)
    #expect(
      plan.lines.map(\.decision) == [.hold("not scored, left alone"), .hold("no fresh price")])
  }

  @Test func limitsAreRoundedToTheSafeSide() throws {
    var given = try input(prices: ["A": "10.01"], targets: ["A": "0.5"], cash: "1000")
    given.limitOffset = try amount("0.0015")  // 10.01 * 1.0015 = 10.025015
    #expect(try RebalancePlan(given).orders.map(\.limit?.description) == ["10.02"])
  }
}

@Suite struct GateTests {
  private func gate(_ change: (inout Gate) -> Void) -> String? {
    var gate = Gate(
      halt: nil, clockSuspicion: nil, now: Instant(seconds: 1000),
      latestSend: Instant(seconds: 1100), priceTime: Instant(seconds: 900),
      maximumPriceAge: .seconds(120), slot: Instant(seconds: 960))
    change(&gate)
    return gate.refusal?.description
  }

  @Test func opensWhenNothingSpeaksAgainstIt() { #expect(gate { _ in } == nil) }

  @Test func refuses() {
    #expect(gate { $0.halt = "model drift" } == "halted: model drift")
    #expect(gate { $0.clockSuspicion = "stepped back 4h" } == "clock: stepped back 4h")
    #expect(
      gate { $0.now = Instant(seconds: 1101) } == "too late: the deadline was 1970-01-01T00:18:20Z")
    #expect(
      gate { $0.priceTime = Instant(seconds: 839) }
        == "stale price: the last candle closed at 1970-01-01T00:13:59Z")
  }
}
