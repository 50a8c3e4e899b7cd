import Cryptography
import Domain
import Exchange
import Net
import Synchronization
import Testing
import Venues

/// Binance's answers are those of its documentation (rest-api.md, errors.md), with other numbers.
struct BinanceSpotTests {
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
    let desk = BinanceDesk.desk { _ in .answered(BinanceStub.ok(BinanceDesk.order())) }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.state == .open && standing.venueID == "28" && standing.id == BinanceDesk.id)
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
      "quantity": "0.1335", "price": "3121.5", "newClientOrderId": BinanceDesk.id.text,
      "recvWindow": "5000",
    ] {
      #expect(call.parameters[key] == value)
    }
  }

  /// By the venue's number, whatever its words are: the clock is read anew, and the order sent once more.
  @Test(arguments: [(0, 1, 1), (1, 2, 2), (2, 2, 2)])
  func whatComesOutsideOfTheWindowMakesTheClockBeReadAnew(
    refusals: Int, orders: Int, readings: Int
  ) async throws {
    let left = Mutex(refusals)
    let desk = BinanceDesk.desk { _ in
      let isRefused = left.withLock { left in
        defer { left -= 1 }
        return left > 0
      }
      return isRefused
        ? BinanceStub.error(400, -1021, "words that may change")
        : .answered(BinanceStub.ok(BinanceDesk.order()))
    }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    switch placed {
    case .accepted: #expect(refusals < 2)
    case .notSent(let fault): #expect(refusals == 2 && fault.isTransient)
    default: Issue.record("\(placed)")
    }
    #expect(desk.stub.asked.count == orders)
    #expect(desk.stub.askedForTheTime == readings)
  }

  /// What the venue took is never taken for unsent, also when its trades cannot be read: it would be sent
  /// again.
  @Test func anOrderThatWasTakenIsNeverUnsent() async throws {
    let desk = BinanceDesk.desk { call in
      call.path == "/api/v3/order"
        ? .answered(BinanceStub.ok(BinanceDesk.order(status: "FILLED", filled: "0.13350000")))
        : .unanswered(Fault("ask", call.path, cause: "the line was cut", exit: .unavailable))
    }
    let symbol = try #require(Symbol("ETH-USDT"))
    let order = Order(
      id: BinanceDesk.id,
      key: OrderKey(
        account: "main", slot: try #require(Slot("rebalance@2026-11-28T12:00:00Z")), symbol: symbol,
        leg: 0),
      side: .buy, quantity: Amount("0.1335")!, limit: Amount("3121.5")!)
    let instrument = Instrument(
      symbol: symbol, tick: Amount("0.01")!, lot: Amount("0.0001")!, minimumNotional: Amount(5))
    let report = try await desk.venue.place(order, on: instrument, at: BinanceStub.venueTime)
    #expect(report.state == .unknown && report.venueID == "28")
    #expect(desk.stub.asked.count { $0.method == "POST" } == 1)
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
    (.answered(BinanceStub.ok(BinanceDesk.order(id: "another"))), .unknown),
    (.answered(BinanceStub.ok(BinanceDesk.order(symbol: "BTCUSDT"))), .unknown),
    (.answered(BinanceStub.ok(BinanceDesk.order(filled: "0.2"))), .unknown),
    (.answered(BinanceStub.ok(BinanceDesk.order(status: "FILLED", filled: "0.1"))), .unknown),
    (.answered(BinanceStub.ok(BinanceDesk.order(status: "DONE"))), .unknown),
  ]

  @Test(arguments: answers.indices)
  func tellsWhatAnAnswerMeans(row: Int) async {
    let (answer, meaning) = Self.answers[row]
    let desk = BinanceDesk.desk { call in
      call.method == "POST" ? answer : BinanceStub.error(400, -2013, "Order does not exist.")
    }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    switch placed {
    case .refused: #expect(meaning == .refused, "\(answer)")
    case .notSent: #expect(meaning == .notSent, "\(answer)")
    case .unknown(let doubt):
      #expect(meaning == .unknown, "\(answer)")
      #expect(doubt.id == BinanceDesk.id)
      // It may act for five seconds, and no longer.
      let sent = BinanceStub.venueTime - .seconds(3)
      #expect(doubt.since == sent && doubt.validUntil == sent + .seconds(5))
    case .accepted: Issue.record("\(answer) is no acceptance")
    }
    #expect(desk.stub.asked.count { $0.method == "POST" } == 1, "an order is sent once")
  }

  /// Something between has repeated the request: the second one is declined, the first one stands.
  @Test func aDeclinedRepetitionIsTheOrderThatStands() async {
    let desk = BinanceDesk.desk { call in
      call.method == "POST"
        ? BinanceStub.error(
          400, -2010, "Account has insufficient balance for requested action.")
        : .answered(BinanceStub.ok(BinanceDesk.order(status: "FILLED", filled: "0.13350000")))
    }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.state == .filled)
    #expect(desk.stub.asked.count { $0.method == "POST" } == 1)
  }

  /// Whether it stands cannot be asked: nobody knows.
  @Test func aDeclinedOrderThatCannotBeAskedForIsInDoubt() async {
    let desk = BinanceDesk.desk { call in
      call.method == "POST"
        ? BinanceStub.error(400, -2010, "Market is closed.")
        : .unanswered(Fault("ask", call.path, cause: "the line was cut", exit: .unavailable))
    }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    guard case .unknown = placed else {
      Issue.record("\(placed)")
      return
    }
  }

  /// An order of this id rests: the one that was sent before, whose answer was lost.
  @Test func aDuplicateIsTheOrderThatRests() async {
    let desk = BinanceDesk.desk { call in
      call.method == "POST"
        ? BinanceStub.error(400, -2010, "Duplicate order sent.")
        : .answered(BinanceStub.ok(BinanceDesk.order(status: "PARTIALLY_FILLED", filled: "0.1")))
    }
    let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.filled.amount == Amount("0.1")!)
  }

  @Test func aRequestThatIsTooLateIsNotSent() async {
    let desk = BinanceDesk.desk { _ in .answered(BinanceStub.ok(BinanceDesk.order())) }
    let placed = await desk.venue.place(
      desk.ticket(), on: desk.contract, validUntil: BinanceStub.venueTime - .seconds(4))
    #expect(placed == .refused(.tooLate))
    #expect(desk.stub.asked.isEmpty)
  }

  // MARK: tickets

  @Test func asksForTheOrdersThatBinanceHas() async {
    func type(
      _ force: OrderTicket.TimeInForce, post: Bool = false, limit: Amount? = Amount(3000)
    ) async -> [String] {
      let desk = BinanceDesk.desk { _ in .answered(BinanceStub.ok("{}")) }
      var ticket = desk.ticket(limit: limit)
      (ticket.timeInForce, ticket.isPostOnly) = (force, post)
      _ = await desk.venue.place(ticket, on: desk.contract, validUntil: nil)
      guard let call = desk.stub.asked.first else { return [] }
      return ["type", "timeInForce", "price", "newOrderRespType"].compactMap {
        call.parameters[$0]
      }
    }
    #expect(await type(.untilCancelled) == ["LIMIT", "GTC", "3000", "FULL"])
    #expect(await type(.immediateOrCancel) == ["LIMIT", "IOC", "3000", "FULL"])
    #expect(await type(.fillOrKill) == ["LIMIT", "FOK", "3000", "FULL"])
    #expect(await type(.untilCancelled, post: true) == ["LIMIT_MAKER", "3000", "RESULT"])
    #expect(await type(.untilCancelled, limit: nil) == ["MARKET", "FULL"])
    #expect(await type(.onOpen) == [])
    #expect(await type(.immediateOrCancel, post: true) == [])
  }

  /// Neither key nor secret nor signature is in what may be told.
  @Test func tellsNoSecret() async {
    let desk = BinanceDesk.desk { call in
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
