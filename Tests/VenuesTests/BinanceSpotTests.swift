import Cryptography
import Domain
import Exchange
import Net
import Testing
import Venues

/// Binance's answers are those of its documentation (rest-api.md, errors.md), with other numbers.
struct BinanceSpotTests {
  static let id = ClientOrderID("car-k3v9q2m7x4hd1z")

  struct Desk {
    let venue: BinanceSpot
    let stub: BinanceStub
    let contract: Contract

    func ticket(limit: Amount? = Amount("3121.5")!) -> OrderTicket {
      OrderTicket(
        id: BinanceSpotTests.id, contract: contract.id, side: .buy,
        quantity: contract.quantity(Amount("0.1335")!), limit: limit.map(contract.price))
    }
  }

  /// A desk whose own clock is three seconds behind the venue's.
  static func desk(
    _ answer: @escaping @Sendable (BinanceStub.Call) -> HTTPOutcome
  ) -> Desk {
    let stub = BinanceStub(answer)
    let venue = BinanceSpot(
      transport: stub, baseURL: "http://127.0.0.1:1", name: "binance",
      key: BinanceKey(id: Secret("public"), signing: .hmac(Secret("secret"))),
      time: StandingTime(BinanceStub.venueTime - .seconds(3)), fees: .flat(Rate(Amount("0.001")!)))
    let symbol = Symbol(base: "ETH", quote: "USDT")!
    return Desk(
      venue: venue, stub: stub,
      contract: venue.contract(
        Instrument(
          symbol: symbol, tick: Amount("0.01")!, lot: Amount("0.0001")!,
          minimumNotional: Amount(5))))
  }

  static func order(
    status: String = "NEW", filled: String = "0.00000000", id: String = id.text,
    symbol: String = "ETHUSDT", original: String? = nil
  ) -> String {
    let origin = original.map { "\"origClientOrderId\":\"\($0)\"," } ?? ""
    return """
      {"symbol":"\(symbol)","orderId":28,"orderListId":-1,\(origin)"clientOrderId":"\(id)",\
      "transactTime":1507725176595,"price":"3121.50000000","origQty":"0.13350000",\
      "executedQty":"\(filled)","cummulativeQuoteQty":"0.00000000","status":"\(status)",\
      "timeInForce":"GTC","type":"LIMIT","side":"BUY"}
      """
  }

  // MARK: signing

  /// The examples of rest-api.md, the second with the percent-encoded symbol that is signed as sent.
  @Test(arguments: [
    (
      "LTCBTC", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    ),
    (
      "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96",
      "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"
    ),
  ])
  func signsAsDocumented(symbol: String, signature: String) {
    let key = BinanceKey(
      id: Secret("vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"),
      signing: .hmac(
        Secret("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")))
    let payload =
      "symbol=\(symbol)&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
      + "&recvWindow=5000&timestamp=1499827319559"
    #expect(key.signature(of: payload) == signature)
  }

  @Test func anOrderIsSignedAndGoesOutOnce() async throws {
    let desk = Self.desk { _ in .answered(BinanceStub.ok(Self.order())) }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.state == .open && standing.venueID == "28" && standing.id == Self.id)
    let call = try #require(desk.stub.asked.first)
    #expect(desk.stub.asked.count == 1)
    #expect(call.method == "POST" && call.path == "/api/v3/order")
    #expect(!call.request.isIdempotent, "it must not go out on a connection that was used")
    #expect(call.request.urgency == .order)
    #expect(call.request.headers.contains(HTTPField("X-MBX-APIKEY", "public")))
    let code = HMAC.code(of: Array(call.payload.utf8), key: Array("secret".utf8), .sha256)
    #expect(call.signature == Hexadecimal.text(code))
    // The venue's clock, not ours.
    #expect(call.parameters["timestamp"] == "\(BinanceStub.venueTime.milliseconds)")
    for (key, value) in [
      "symbol": "ETHUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
      "quantity": "0.1335", "price": "3121.5", "newClientOrderId": Self.id.text,
      "recvWindow": "5000",
    ] {
      #expect(call.parameters[key] == value)
    }
  }

  // MARK: what an answer means

  enum Meaning: Equatable { case refused, notSent, unknown }

  static let answers: [(HTTPOutcome, Meaning)] = [
    // Certainly not done, and not to be repeated.
    (BinanceStub.error(400, -1013, "Filter failure: LOT_SIZE"), .refused),
    (BinanceStub.error(400, -1111, "Precision is over the maximum."), .refused),
    (BinanceStub.error(400, -1121, "Invalid symbol."), .refused),
    (BinanceStub.error(400, -1022, "Signature for this request is not valid."), .refused),
    (BinanceStub.error(401, -2015, "Invalid API-key, IP, or permissions for action."), .refused),
    (
      BinanceStub.error(400, -2010, "Account has insufficient balance for requested action."),
      .refused
    ),
    (BinanceStub.error(400, -2010, "Market is closed."), .refused),
    // Certainly not done, and may be repeated.
    (BinanceStub.error(429, -1003, "Too many requests."), .notSent),
    (BinanceStub.error(418, -1003, "IP banned until 1573128192000."), .notSent),
    (BinanceStub.error(400, -1015, "Too many new orders."), .notSent),
    (
      BinanceStub.error(400, -1021, "Timestamp for this request is outside of the recvWindow."),
      .notSent
    ),
    (.answered(HTTPResponse(status: 403)), .notSent),
    (.notSent(Fault("ask", "x", cause: "refused", exit: .unavailable)), .notSent),
    (.refused(Fault("ask", "x", cause: "too many wait", exit: .tryAgain)), .notSent),
    // Not known.
    (.unanswered(Fault("ask", "x", cause: "broke off", exit: .unavailable)), .unknown),
    (BinanceStub.error(500, -1000, "An unknown error occurred."), .unknown),
    (BinanceStub.error(504, -1007, "Timeout waiting for response from backend server."), .unknown),
    (BinanceStub.error(400, -1006, "An unexpected response was received."), .unknown),
    (BinanceStub.error(503, -1008, "Server is currently overloaded."), .unknown),
    (.answered(HTTPResponse(status: 502, body: Array("<html>".utf8))), .unknown),
    (.answered(HTTPResponse(status: 400, body: Array("<html>".utf8))), .unknown),
    (.answered(HTTPResponse(status: 302)), .unknown),
    (.answered(HTTPResponse(status: 200, body: Array("{\"symbol\":".utf8))), .unknown),
    (.answered(BinanceStub.ok("{}")), .unknown),
    // Of another order, of another pair, more filled than asked for, a state that is not known.
    (.answered(BinanceStub.ok(Self.order(id: "another"))), .unknown),
    (.answered(BinanceStub.ok(Self.order(symbol: "BTCUSDT"))), .unknown),
    (.answered(BinanceStub.ok(Self.order(filled: "0.2"))), .unknown),
    (.answered(BinanceStub.ok(Self.order(status: "FILLED", filled: "0.1"))), .unknown),
    (.answered(BinanceStub.ok(Self.order(status: "DONE"))), .unknown),
  ]

  @Test(arguments: answers.indices)
  func tellsWhatAnAnswerMeans(row: Int) async {
    let (answer, meaning) = Self.answers[row]
    let desk = Self.desk { _ in answer }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    switch placed {
    case .refused: #expect(meaning == .refused, "\(answer)")
    case .notSent: #expect(meaning == .notSent, "\(answer)")
    case .unknown(let doubt):
      #expect(meaning == .unknown, "\(answer)")
      #expect(doubt.id == Self.id)
      // It may act for five seconds, and no longer.
      let sent = BinanceStub.venueTime - .seconds(3)
      #expect(doubt.since == sent && doubt.validUntil == sent + .seconds(5))
    case .accepted: Issue.record("\(answer) is no acceptance")
    }
    #expect(desk.stub.asked.count == 1, "an order is sent once")
  }

  /// An order of this id rests: the one that was sent before, whose answer was lost.
  @Test func aDuplicateIsTheOrderThatRests() async {
    let desk = Self.desk { call in
      call.method == "POST"
        ? BinanceStub.error(400, -2010, "Duplicate order sent.")
        : .answered(BinanceStub.ok(Self.order(status: "PARTIALLY_FILLED", filled: "0.1")))
    }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.filled.amount == Amount("0.1")!)
  }

  @Test func aRequestThatIsTooLateIsNotSent() async {
    let desk = Self.desk { _ in .answered(BinanceStub.ok(Self.order())) }
    let placed = await desk.venue.place(
      desk.ticket(), on: desk.contract, validUntil: BinanceStub.venueTime - .seconds(4))
    #expect(placed == .refused(.tooLate))
    #expect(desk.stub.asked.isEmpty)
  }

  // MARK: cancel and look-up

  /// A cancel's answer bears an id of its own.
  @Test func cancels() async {
    let desk = Self.desk { call in
      #expect(call.method == "DELETE")
      #expect(call.parameters["origClientOrderId"] == Self.id.text)
      return .answered(
        BinanceStub.ok(Self.order(status: "CANCELED", id: "cancel1", original: Self.id.text)))
    }
    guard case .done(let standing) = await desk.venue.cancel(Self.id, on: desk.contract) else {
      Issue.record("not cancelled")
      return
    }
    #expect(standing.state == .cancelled && standing.id == Self.id)
  }

  @Test(arguments: [("FILLED", "0.1335", VenueOrder.State.filled), ("EXPIRED", "0", .expired)])
  func aCancelThatComesTooLateTellsWhatBecame(
    status: String, filled: String, state: VenueOrder.State
  ) async {
    let desk = Self.desk { call in
      call.method == "DELETE"
        ? BinanceStub.error(400, -2011, "Unknown order sent.")
        : .answered(BinanceStub.ok(Self.order(status: status, filled: filled)))
    }
    guard case .done(let standing) = await desk.venue.cancel(Self.id, on: desk.contract) else {
      Issue.record("not known")
      return
    }
    #expect(standing.state == state)
  }

  @Test func aLostCancelIsADoubt() async {
    let desk = Self.desk { _ in
      .unanswered(Fault("ask", "x", cause: "broke off", exit: .unavailable))
    }
    guard case .unknown = await desk.venue.cancel(Self.id, on: desk.contract) else {
      Issue.record("it may have been cancelled, or not")
      return
    }
  }

  @Test func whatIsNotFoundIsAbsentByTheVenuesClock() async throws {
    let desk = Self.desk { _ in BinanceStub.error(400, -2013, "Order does not exist.") }
    let sightings = try await desk.venue.find([Self.id], on: desk.contract)
    #expect(sightings[Self.id] == .absent(asOf: BinanceStub.venueTime))
  }

  @Test func aQuestionIsAskedAgainAndSignedAnew() async throws {
    let desk = Self.desk { _ in BinanceStub.error(502, -1000, "x") }
    await #expect(throws: Fault.self) {
      try await desk.venue.find([Self.id], on: desk.contract)
    }
    let times = desk.stub.asked.compactMap { $0.parameters["timestamp"] }
    #expect(times.count == 3)
    #expect(Set(times).count == 3)
    #expect(Set(desk.stub.asked.map(\.signature)).count == 3)
  }

  // MARK: trades, orders, balances

  @Test func tellsTheTradesOfAnOrder() async throws {
    let desk = Self.desk { call in
      if call.path == "/api/v3/order" {
        return .answered(BinanceStub.ok(Self.order(status: "FILLED", filled: "0.13350000")))
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
    let fills = try await desk.venue.fills(ofOrder: Self.id, on: desk.contract)
    #expect(fills.map(\.id) == ["28457", "28458"])
    #expect(fills.map(\.order) == [Self.id, Self.id])
    #expect(
      fills.map(\.fee) == [Money(Amount("0.0001")!, "ETH"), Money(Amount("0.0000457")!, "BNB")])
    #expect(fills.map(\.isMaker) == [false, true])
    #expect(fills[0].price.amount == Amount(3120) && fills[0].side == .buy)
    #expect(fills[0].time == Instant(milliseconds: 1_499_865_549_590))
  }

  @Test func aCursorOfTradesIsTheNextNumber() async throws {
    let desk = Self.desk { call in
      let from = call.parameters["fromId"]!
      let row =
        "{\"symbol\":\"ETHUSDT\",\"id\":41,\"orderId\":1,\"price\":\"1\",\"qty\":\"1\",\"commission\":\"0\","
        + "\"commissionAsset\":\"USDT\",\"time\":1,\"isBuyer\":false,\"isMaker\":false}"
      return .answered(BinanceStub.ok(from == "0" ? "[\(row)]" : "[]"))
    }
    let first = try await desk.venue.fills(of: desk.contract, after: nil)
    #expect(first.next == FillCursor("42") && first.fills.count == 1)
    let second = try await desk.venue.fills(of: desk.contract, after: first.next)
    #expect(second.next == FillCursor("42") && second.fills.isEmpty)
  }

  /// Orders of others are told too; base and quote of a symbol are asked for once.
  @Test func tellsAllOpenOrders() async throws {
    let desk = Self.desk { call in
      if call.path == "/api/v3/openOrders" {
        return .answered(
          BinanceStub.ok(
            "[\(Self.order()),\(Self.order(id: "web_1", symbol: "BTCUSDT")),"
              + "\(Self.order(id: "web_2", symbol: "BTCUSDT"))]"))
      }
      #expect(call.parameters["symbol"] == "BTCUSDT")
      return .answered(
        BinanceStub.ok(
          "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"baseAsset\":\"BTC\","
            + "\"quoteAsset\":\"USDT\",\"filters\":[]}]}"))
    }
    let standings = try await desk.venue.openOrders()
    #expect(standings.map(\.id.text) == [Self.id.text, "web_1", "web_2"])
    #expect(standings.map(\.quantity.asset) == ["ETH", "BTC", "BTC"])
    #expect(desk.stub.asked.count == 2)
  }

  @Test func tellsBalances() async throws {
    let desk = Self.desk { _ in
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

  // MARK: tickets

  @Test func asksForTheOrdersThatBinanceHas() async {
    func type(
      _ force: OrderTicket.TimeInForce, post: Bool = false, limit: Amount? = Amount(3000)
    ) async -> [String] {
      let desk = Self.desk { _ in .answered(BinanceStub.ok("{}")) }
      var ticket = desk.ticket(limit: limit)
      (ticket.timeInForce, ticket.isPostOnly) = (force, post)
      _ = await desk.venue.place(ticket, on: desk.contract, validUntil: nil)
      guard let call = desk.stub.asked.first else { return [] }
      return ["type", "timeInForce", "price"].compactMap { call.parameters[$0] }
    }
    #expect(await type(.untilCancelled) == ["LIMIT", "GTC", "3000"])
    #expect(await type(.immediateOrCancel) == ["LIMIT", "IOC", "3000"])
    #expect(await type(.fillOrKill) == ["LIMIT", "FOK", "3000"])
    #expect(await type(.untilCancelled, post: true) == ["LIMIT_MAKER", "3000"])
    #expect(await type(.untilCancelled, limit: nil) == ["MARKET"])
    #expect(await type(.onOpen) == [])
    #expect(await type(.immediateOrCancel, post: true) == [])
  }

  /// Neither key nor secret nor signature is in what may be told.
  @Test func tellsNoSecret() async {
    let desk = Self.desk { call in
      .unanswered(
        Fault("ask", call.request.place, cause: "broke off", exit: .unavailable))
    }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    do {
      _ = try await desk.venue.account()
      Issue.record("nobody answers")
    } catch {
      let told = "\(placed) \(error)"
      for call in desk.stub.asked { #expect(!told.contains(call.signature)) }
      #expect(!told.contains("public") && !told.contains("secret"))
    }
  }
}
