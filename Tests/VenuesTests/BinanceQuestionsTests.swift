import Domain
import Exchange
import Net
import Testing
import Venues

/// Cancels, look-ups, trades and balances at Binance Spot.
struct BinanceQuestionsTests {
  // MARK: cancel and look-up

  /// A cancel's answer bears an id of its own.
  @Test func cancels() async {
    let desk = BinanceDesk.desk { call in
      #expect(call.method == "DELETE")
      #expect(call.parameters["origClientOrderId"] == BinanceDesk.id.text)
      return .answered(
        BinanceStub.ok(
          BinanceDesk.order(status: "CANCELED", id: "cancel1", original: BinanceDesk.id.text)))
    }
    guard case .done(let standing) = await desk.venue.cancel(BinanceDesk.id, on: desk.contract)
    else {
      Issue.record("not cancelled")
      return
    }
    #expect(standing.state == .cancelled && standing.id == BinanceDesk.id)
  }

  @Test(arguments: [("FILLED", "0.1335", VenueOrder.State.filled), ("EXPIRED", "0", .expired)])
  func aCancelThatComesTooLateTellsWhatBecame(
    status: String, filled: String, state: VenueOrder.State
  ) async {
    let desk = BinanceDesk.desk { call in
      call.method == "DELETE"
        ? BinanceStub.error(400, -2011, "Unknown order sent.")
        : .answered(BinanceStub.ok(BinanceDesk.order(status: status, filled: filled)))
    }
    guard case .done(let standing) = await desk.venue.cancel(BinanceDesk.id, on: desk.contract)
    else {
      Issue.record("not known")
      return
    }
    #expect(standing.state == state)
  }

  @Test func aLostCancelIsADoubt() async {
    let desk = BinanceDesk.desk { _ in
      .unanswered(Fault("ask", "x", cause: "broke off", exit: .unavailable))
    }
    guard case .unknown = await desk.venue.cancel(BinanceDesk.id, on: desk.contract) else {
      Issue.record("it may have been cancelled, or not")
      return
    }
  }

  @Test func whatIsNotFoundIsAbsentByTheVenuesClock() async throws {
    let desk = BinanceDesk.desk { _ in BinanceStub.error(400, -2013, "Order does not exist.") }
    let sightings = try await desk.venue.find([BinanceDesk.id], on: desk.contract)
    #expect(sightings[BinanceDesk.id] == .absent(asOf: BinanceStub.venueTime))
  }

  @Test func aQuestionIsAskedAgainAndSignedAnew() async throws {
    let desk = BinanceDesk.desk { _ in BinanceStub.error(502, -1000, "x") }
    await #expect(throws: Fault.self) {
      try await desk.venue.find([BinanceDesk.id], on: desk.contract)
    }
    let times = desk.stub.asked.compactMap { $0.parameters["timestamp"] }
    #expect(times.count == 3)
    #expect(Set(times).count == 3)
    #expect(Set(desk.stub.asked.map(\.signature)).count == 3)
  }

  // MARK: trades, orders, balances

  @Test func tellsTheTradesOfAnOrder() async throws {
    let desk = BinanceDesk.desk { call in
      if call.path == "/api/v3/order" {
        return .answered(BinanceStub.ok(BinanceDesk.order(status: "FILLED", filled: "0.13350000")))
      }
      #expect(call.parameters["orderId"] == "28")
      return .answered(
        BinanceStub.ok(
          """
          [{"symbol":"ETHUSDT","id":28457,"orderId":28,"orderListId":-1,"price":"3120.00000000",\
          "qty":"0.10000000","quoteQty":"312.00000000","commission":"0.00010000",\
          "commissionAsset":"ETH","time":1499865549590,"isBuyer":true,"isMaker":false,\
          "isBestMatch":true},\
          {"symbol":"ETHUSDT","id":28458,"orderId":28,"orderListId":-1,"price":"3121.50000000",\
          "qty":"0.03350000","quoteQty":"104.57025000","commission":"0.00004570",\
          "commissionAsset":"BNB","time":1499865549591,"isBuyer":true,"isMaker":true,\
          "isBestMatch":true}]
          """))
    }
    let fills = try await desk.venue.fills(ofOrder: BinanceDesk.id, on: desk.contract)
    #expect(fills.map(\.id) == ["28457", "28458"])
    #expect(fills.map(\.order) == [BinanceDesk.id, BinanceDesk.id])
    #expect(
      fills.map(\.fee) == [Money(Amount("0.0001")!, "ETH"), Money(Amount("0.0000457")!, "BNB")])
    #expect(fills.map(\.isMaker) == [false, true])
    #expect(fills[0].price.amount == Amount(3120) && fills[0].side == .buy)
    #expect(fills[0].time == Instant(milliseconds: 1_499_865_549_590))
  }

  @Test func aCursorOfTradesIsTheNextNumber() async throws {
    let desk = BinanceDesk.desk { call in
      let from = call.parameters["fromId"]!
      let row =
        "{\"symbol\":\"ETHUSDT\",\"id\":41,\"orderId\":1,\"price\":\"1\",\"qty\":\"1\","
        + "\"quoteQty\":\"1\",\"commission\":\"0\",\"commissionAsset\":\"USDT\",\"time\":1,"
        + "\"isBuyer\":false,\"isMaker\":false}"
      return .answered(BinanceStub.ok(from == "0" ? "[\(row)]" : "[]"))
    }
    let first = try await desk.venue.fills(of: desk.contract, after: nil)
    #expect(first.next == FillCursor("42") && first.fills.count == 1)
    let second = try await desk.venue.fills(of: desk.contract, after: first.next)
    #expect(second.next == FillCursor("42") && second.fills.isEmpty)
  }

  /// Orders of others are told too; base and quote of a symbol are asked for once.
  @Test func tellsAllOpenOrders() async throws {
    let desk = BinanceDesk.desk { call in
      if call.path == "/api/v3/openOrders" {
        return .answered(
          BinanceStub.ok(
            "[\(BinanceDesk.order()),\(BinanceDesk.order(id: "web_1", symbol: "BTCUSDT")),"
              + "\(BinanceDesk.order(id: "web_2", symbol: "BTCUSDT"))]"))
      }
      #expect(call.parameters["symbol"] == "BTCUSDT")
      return .answered(
        BinanceStub.ok(
          "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"baseAsset\":\"BTC\","
            + "\"quoteAsset\":\"USDT\",\"filters\":[]}]}"))
    }
    let standings = try await desk.venue.openOrders()
    #expect(standings.map(\.id.text) == [BinanceDesk.id.text, "web_1", "web_2"])
    #expect(standings.map(\.quantity.asset) == ["ETH", "BTC", "BTC"])
    #expect(desk.stub.asked.count == 2)
  }

  @Test func tellsBalances() async throws {
    let desk = BinanceDesk.desk { _ in
      .answered(
        BinanceStub.ok(
          "{\"balances\":[{\"asset\":\"BTC\",\"free\":\"4723846.89208129\",\"locked\":\"0.00000000\"},"
            + "{\"asset\":\"LTC\",\"free\":\"1.5\",\"locked\":\"0.25\"},"
            + "{\"asset\":\"BNB\",\"free\":\"0.00\",\"locked\":\"0.0\"}]}"))
    }
    let account = try await desk.venue.account()
    #expect(account.free == ["BTC": Amount("4723846.89208129")!, "LTC": Amount("1.5")!])
    #expect(account.locked["LTC"] == Amount("0.25")!)
    #expect(account.asOf == BinanceStub.venueTime)
  }
}
