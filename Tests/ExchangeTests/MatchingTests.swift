import Domain
import Exchange
import Testing

@Suite struct MatchingTests {
  @Test(arguments: [
    // side, limit, the next whole candle (open, high, low, close), what becomes of an order of 1
    (Side.buy, "90", ["100", "110", "91", "100"], "open"),
    (.buy, "90", ["100", "110", "90", "100"], "filled 1 at 90"),  // touched
    (.buy, "90", ["100", "110", "89", "100"], "filled 1 at 90"),
    (.buy, "90", ["85", "110", "80", "100"], "filled 1 at 85"),  // opened beyond: at the open
    (.buy, "90", ["85.005", "110", "80", "100"], "filled 1 at 85.01"),  // against us
    (.sell, "110", ["100", "109", "90", "100"], "open"),
    (.sell, "110", ["100", "110", "90", "100"], "filled 1 at 110"),
    (.sell, "110", ["120", "130", "90", "100"], "filled 1 at 120"),
  ])
  func aRestingOrderMeetsTheTape(
    _ side: Side, _ limit: String, _ candle: [String], _ outcome: String
  ) {
    var market = Market()
    market.pay(10, "ETH")
    market.hour(at: "100")
    #expect(market.outcome("o", side, "1", limit: limit) == "open")
    market.hour(candle[0], candle[1], candle[2], candle[3])
    #expect(market.text("o") == outcome)
  }

  @Test func anExtremeBeforeTheOrderIsNotUsed() {
    var market = Market()
    market.hour(at: "100")
    market.wait(minutes: 1)
    // The hour in which it came: the low of 80 may have been in the minute before, the close was not.
    #expect(market.outcome("a", .buy, "1", limit: "90") == "open")
    #expect(market.outcome("b", .buy, "1", limit: "95") == "open")
    market.hour("100", "100", "80", "94")
    #expect(market.text("a") == "open")
    // At the close it is a marketable order: as a taker, at the better of limit and close.
    #expect(market.text("b") == "filled 1 at 94")
    market.hour("94", "94", "89", "94")
    #expect(market.text("a") == "filled 1 at 90")
  }

  @Test func aStrictTouchIsBeyondTheLimit() {
    var market = Market(model: FillModel(slippage: .none, isTouchStrict: true))
    market.hour(at: "100")
    #expect(market.outcome("o", .buy, "1", limit: "90") == "open")
    market.hour("100", "100", "90", "100")
    #expect(market.text("o") == "open")
    market.hour("100", "100", "89.99", "100")
    #expect(market.text("o") == "filled 1 at 90")
  }

  @Test func aQueueIsBeforeUs() {
    // Of a print of 25 at exactly the limit a fifth is ours; beyond it, all that the cap leaves.
    var market = Market(
      model: FillModel(slippage: .none, queueShare: Rate(Amount("0.2")!)))
    market.hour(at: "100")
    #expect(market.outcome("o", .buy, "50", limit: "90") == "open")
    market.hour("100", "100", "90", "100", volume: "100")
    #expect(market.text("o") == "open 5 at 90")
    market.hour("100", "100", "89", "100", volume: "100")
    #expect(market.text("o") == "filled 5 at 90, 45 at 90")
  }

  @Test func theBestPriceIsServedFirst() {
    var market = Market(
      model: FillModel(slippage: .none, participation: Rate(Amount("0.1")!)))
    market.hour(at: "100")
    #expect(market.outcome("low", .buy, "2", limit: "90") == "open")
    #expect(market.outcome("high", .buy, "2", limit: "95") == "open")
    #expect(market.outcome("second", .buy, "2", limit: "95") == "open")
    // One print of 25 is beyond both: 2.5 in all.
    market.hour("100", "100", "89", "100", volume: "100")
    #expect(market.text("high") == "filled 2 at 95")
    #expect(market.text("second") == "open 0.5 at 95")
    #expect(market.text("low") == "open")
  }

  @Test func withoutVolumeNothingIsFilled() {
    var market = Market()
    market.hour(at: "100")
    #expect(market.outcome("o", .buy, "1", limit: "90") == "open")
    market.hour("100", "100", "80", "100", volume: "0")
    #expect(market.text("o") == "open")
    market.hour("100", "100", "80", "100", volume: nil)
    #expect(market.text("o") == "filled 1 at 90")
  }

  @Test func aTapeSumsToItsVolumeAndNeverTellsTheFuture() throws {
    let id = ContractID(venue: "box", "X")
    let start = Market.start
    var tape = Tape(seed: 3)
    var highFirst = 0
    for hour in 0..<200 {
      let open = start + .hours(Int64(hour))
      let volume = try #require(Amount("1.000000000001"))
      let bar = Bar(
        open: open, close: open + .hours(1), first: Amount(2), high: Amount(3), low: .one,
        last: Amount(2), volume: volume)
      tape.append([bar], to: id)
      let prints = try tape.prints(of: bar, id)
      #expect(prints.map(\.kind).first == .open)
      #expect(prints.map(\.kind).last == .close)
      var sum = Amount.zero
      for size in prints.compactMap(\.size) { sum = try sum.adding(size) }
      #expect(sum == volume)
      if prints[1].kind == .high { highFirst += 1 }
    }
    // A fair draw of 200 is within five standard deviations of 7.07.
    #expect((65...135).contains(highFirst))
    let closed = tape.closed(id, after: start, through: start + .minutes(179))
    #expect(closed.map(\.close) == [start + .hours(1), start + .hours(2)])
  }

  @Test func finerCandlesReplaceACoarseOne() {
    func bar(_ open: Int64, _ minutes: Int64, _ price: Int) -> Bar {
      Bar(
        open: Market.start + .minutes(open), close: Market.start + .minutes(open + minutes),
        first: Amount(price), high: Amount(price), low: Amount(price), last: Amount(price),
        volume: nil)
    }
    let coarse = [bar(0, 60, 1), bar(60, 60, 2), bar(120, 60, 3)]
    let fine = [
      bar(0, 30, 10), bar(30, 30, 11), bar(60, 30, 12), bar(120, 30, 13), bar(150, 30, 14),
    ]
    // The second hour's fine candles have a gap.
    #expect(
      Tape.refined(coarse, by: fine) == [fine[0], fine[1], coarse[1], fine[3], fine[4]])
  }
}
