import Domain
import Testing

@testable import Net

@Suite struct RateBudgetTests {
  /// A minute of 100, of which 20 are left to orders.
  let start = Instant(milliseconds: 1_700_000_040_000)
  var budget = RateBudget(limit: 100)

  @Test mutating func ordersHaveAReserve() {
    for _ in 0..<8 { #expect(budget.admit(10, .data, at: start) == .admitted) }
    #expect(budget.admit(1, .data, at: start) == .wait(until: start + .minutes(1)))
    #expect(budget.admit(20, .order, at: start) == .admitted)
    #expect(budget.admit(1, .order, at: start) == .wait(until: start + .minutes(1)))
    // The next minute begins on the minute, whenever one asked.
    #expect(
      budget.admit(80, .data, at: start + .milliseconds(59_999))
        == .wait(until: start + .minutes(1)))
    #expect(budget.admit(80, .data, at: start + .minutes(1)) == .admitted)
  }

  @Test mutating func theVenueKnowsBetter() {
    _ = budget.admit(10, .data, at: start)
    budget.correct(used: 75, at: start)
    #expect(budget.admit(6, .data, at: start) == .wait(until: start + .minutes(1)))
    budget.correct(used: 3, at: start)
    #expect(budget.used == 75)
    budget.correct(used: .max, at: start)
    budget.correct(used: .min, at: start)
    #expect(budget.admit(1, .order, at: start) == .wait(until: start + .minutes(1)))
  }

  @Test mutating func whatIsLargerThanAMinuteIsAdmittedAtItsBeginning() {
    #expect(budget.admit(500, .data, at: start) == .admitted)
    #expect(budget.admit(1, .order, at: start) == .wait(until: start + .minutes(1)))
  }

  @Test mutating func aBanHoldsBackAllUntilItEnds() {
    budget.ban(until: start + .hours(1), reason: "HTTP 418", at: start)
    budget.ban(until: start + .minutes(2), reason: "shorter", at: start)
    let banned = RateBudget.Admission.banned(until: start + .hours(1), reason: "HTTP 418")
    #expect(budget.admit(1, .order, at: start + .minutes(59)) == banned)
    #expect(budget.admit(1, .data, at: start + .minutes(59)) == banned)
    #expect(budget.admit(1, .data, at: start + .hours(1)) == .admitted)
  }

  /// A ban for ever is kept for thirty days, and one that lies further ahead than that, since the
  /// clock was set back, is none.
  @Test mutating func noBanIsForEver() {
    budget.ban(until: .latest, reason: "x", at: start)
    #expect(budget.bannedUntil == start + .days(30))
    #expect(budget.admit(1, .data, at: start - .days(1)) == .admitted)
    budget.ban(until: start - .days(2), reason: "past", at: start)
    #expect(budget.bannedUntil == nil)
  }

  @Test mutating func isKeptAsText() {
    #expect(RateBudget(text: budget.text) == budget)
    _ = budget.admit(7, .data, at: start)
    budget.ban(until: start + .days(3), reason: "banned until then, and so on", at: start)
    #expect(RateBudget(text: budget.text) == budget)
    for text in ["", "1", "2 1 1 1 1 - ", "1 0 1 1 1 - ", "1 x 1 1 1 - ", "1 1 0 1 1 - x"] {
      #expect(RateBudget(text: text) == nil)
    }
  }
}

@Suite struct RetryAfterTests {
  // 2023-11-14T22:13:20Z.
  static let now = Instant(milliseconds: 1_700_000_000_000)

  @Test(
    arguments: [
      // status, header, body -> seconds until it may be asked again
      (429, "3", "", 3), (418, "3600", "", 3600), (418, "604801", "", 604_801),
      (418, "99999999", "", 2_592_000), (418, "99999999999999999999999", "", 2_592_000),
      // Nothing that can be used: to the next minute, and the shortest ban.
      (429, nil, "", 40), (429, "0", "", 40), (429, "-5", "", 40), (429, "soon", "", 40),
      (418, nil, "", 120), (418, "-1", "", 120),
      // As a date: 2023-11-14T22:14:20Z; and one in the past.
      (429, "Tue, 14 Nov 2023 22:14:20 GMT", "", 60),
      (418, "Wed, 21 Oct 2037 07:28:00 GMT", "", 439_722_880),
      (429, "Sun, 06 Nov 1994 08:49:37 GMT", "", 40),
      // In the text, alone and against a shorter header.
      (418, nil, #"{"code":-1003,"msg":"IP banned until 1700000720000."}"#, 720),
      (418, "5", #"{"msg":"banned until 1700000720000"}"#, 720),
      (418, nil, "banned until 99999999999999999999", 120),
      (503, "7", "", 7), (503, nil, "", nil), (500, "7", "", nil), (200, "7", "", nil),
    ] as [(Int, String?, String, Int64?)])
  func tellsForHowLong(_ status: Int, _ header: String?, _ body: String, _ seconds: Int64?) {
    let response = HTTPResponse(
      status: status, headers: header.map { [HTTPField("retry-after", $0)] } ?? [],
      body: Array(body.utf8))
    let refusal = RetryAfter().refusal(in: response, at: Self.now)
    #expect(refusal.map { ($0.until - Self.now).milliseconds / 1000 } == seconds)
  }
}

@Suite struct BudgetedTransportTests {
  typealias Script = RetryingTransportTests.Script
  typealias SteppedTime = RetryingTransportTests.SteppedTime
  let time = SteppedTime()
  let request = HTTPRequest("https://example.test/api")

  func status(_ status: Int, _ headers: [HTTPField] = []) -> Result<HTTPResponse, Fault> {
    .success(HTTPResponse(status: status, headers: headers))
  }

  /// A ban of an hour: nothing is asked, by this process or the next, until it has passed.
  @Test func aBanIsRespectedOverARestart() async throws {
    let ledger = MemoryBudget()
    let script = Script([status(418, [HTTPField("Retry-After", "3600")]), status(200)])
    for attempt in 0..<5 {
      // A transport anew each time, as after a restart.
      let transport = RetryingTransport(
        BudgetedTransport(script, ledger: ledger, time: time), time: time)
      let fault = await #expect(throws: Fault.self) { try await transport.send(request) }
      #expect(fault?.exit == .tryAgain)
      #expect(fault?.retryAfter == .hours(1))
      #expect(script.sent == 1, "attempt \(attempt)")
      guard
        case .refused = await transport.outcome(
          of: HTTPRequest("https://example.test/order", method: "POST"))
      else {
        Issue.record("an order was sent into a ban")
        return
      }
    }
    try await time.sleep(for: .hours(1))
    let transport = BudgetedTransport(script, ledger: ledger, time: time)
    #expect(try await transport.send(request).status == 200)
  }

  /// Two processes that share a ledger never ask for more than a window allows, and an order passes
  /// although candles have eaten all of theirs.
  @Test func twoProcessesShareAWindow() async throws {
    let ledger = MemoryBudget(RateBudget(limit: 1000))
    let script = Script([status(200)])
    let two = (0..<2).map { _ in BudgetedTransport(script, ledger: ledger, time: time) }
    var candle = request
    candle.weight = 2
    var sent = 0
    while time.slept.isEmpty {
      _ = try await two[sent % 2].send(candle)
      sent += 1
    }
    // 800 of 1,000 are for data.
    #expect(sent - 1 == 400)
    #expect(time.slept == [60_000])
    var order = HTTPRequest("https://example.test/order", method: "POST")
    order.urgency = .order
    #expect(try ledger.change { $0.admit(0, .data, at: time.now) } == .admitted)
    guard case .answered = await two[0].outcome(of: order) else {
      Issue.record("the order did not pass")
      return
    }
  }

  /// Whoever else uses the address is counted by the venue.
  @Test func theVenuesOwnCountIsHeeded() async throws {
    let script = Script([status(200, [HTTPField("x-mbx-used-weight-1m", "5990")]), status(200)])
    let transport = BudgetedTransport(script, ledger: MemoryBudget(), time: time)
    var heavy = request
    heavy.weight = 200
    _ = try await transport.send(heavy)
    #expect(time.slept == [])
    _ = try await transport.send(heavy)
    #expect(time.slept == [60_000])
  }
}
