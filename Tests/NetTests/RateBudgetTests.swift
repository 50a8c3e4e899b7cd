import Domain
import Synchronization
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

  @Test(
    arguments: [
      // used before, cost, at most, lane -> taken beyond the cost (nil: it waits)
      (0, 1, 5, .order, 5 - 1),  // a tenth of the 99 that are left would be 9
      (0, 1, 100, .order, 9), (0, 2, 100, .order, 8), (0, 1, 100, .data, 7),
      // The fuller the window, the smaller the portion; the last of it goes by single requests.
      (50, 1, 100, .order, 4), (89, 1, 100, .order, 1), (90, 1, 100, .order, 0),
      (99, 1, 100, .order, 0), (100, 1, 100, .order, nil), (99, 2, 100, .order, nil),
      // Data leave 20 of 100 to orders.
      (69, 1, 100, .data, 1), (79, 1, 100, .data, 0), (80, 1, 100, .data, nil),
      // Where nothing is taken in advance, and where one request costs more than a portion.
      (0, 1, 1, .order, 0), (0, 5, 1, .order, 0), (50, 20, 10, .order, 0),
      (0, 10, 100, .order, 0), (0, 0, 100, .order, 0),
      // What is larger than a window passes at its beginning, and alone.
      (0, 500, 1000, .order, 0), (1, 500, 1000, .order, nil),
    ] as [(Int, Int, Int, RateBudget.Urgency, Int?)])
  mutating func takesAPortionOfWhatIsLeft(
    _ used: Int, _ cost: Int, _ most: Int, _ lane: RateBudget.Urgency, _ extra: Int?
  ) {
    budget.correct(used: used, at: start)
    let taken = budget.take(cost, upTo: most, lane, at: start)
    #expect(taken.answer == (extra == nil ? .wait(until: start + .minutes(1)) : .admitted))
    #expect(taken.extra == extra ?? 0)
    #expect(budget.used == used + (extra.map { $0 + cost } ?? 0))
  }

  @Test mutating func whatWasTakenIsHeldBackByABanAndByTheVenuesCount() {
    #expect(budget.stillAllows(10, told: nil, at: start))
    #expect(budget.stillAllows(10, told: 90, at: start))
    #expect(!budget.stillAllows(10, told: 91, at: start))
    #expect(!budget.stillAllows(10, told: .max, at: start))
    budget.ban(until: start + .hours(1), reason: "HTTP 418", at: start)
    #expect(!budget.stillAllows(10, told: nil, at: start + .minutes(59)))
    #expect(budget.stillAllows(10, told: nil, at: start + .hours(1)))
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

  /// A ledger that counts how often it was changed.
  final class CountingLedger: BudgetLedger {
    private let budget: MemoryBudget
    private let count = Atomic(0)
    var changes: Int { count.load(ordering: .relaxed) }

    init(_ budget: RateBudget) { self.budget = MemoryBudget(budget) }

    func change<T: Sendable>(_ body: (inout RateBudget) -> T) throws -> T {
      count.add(1, ordering: .relaxed)
      return try budget.change(body)
    }

    func state() -> RateBudget { budget.state() }
  }

  var order: HTTPRequest {
    var order = HTTPRequest("https://example.test/order", method: "POST")
    order.urgency = .order
    return order
  }

  /// A hundred orders are paid for by one change; and a ban that another process puts on record stops the
  /// next of them all the same.
  @Test func ordersArePaidForTogetherAndHeldBackAtOnce() async throws {
    let ledger = CountingLedger(RateBudget())
    let script = Script([status(200)])
    let transport = BudgetedTransport(script, ledger: ledger, time: time)
    for (orders, changes) in [(1, 1), (99, 1), (1, 2)] {
      for _ in 0..<orders { _ = await transport.outcome(of: order) }
      #expect(ledger.changes == changes)
    }
    #expect(script.sent == 101)
    try ledger.change { $0.ban(until: time.now + .hours(1), reason: "HTTP 418", at: time.now) }
    guard case .refused(let fault) = await transport.outcome(of: order) else {
      Issue.record("an order was sent into the ban of another process")
      return
    }
    #expect(fault.exit == .tryAgain && script.sent == 101)
    // Nothing of the portion is left behind it either.
    try await time.sleep(for: .hours(1))
    let before = ledger.changes
    _ = await transport.outcome(of: order)
    #expect(script.sent == 102 && ledger.changes == before + 1)
  }

  /// Three processes send one order after the other; each dies after some and comes again, with nothing
  /// of its portion. What is sent in a window is what is counted, but for what they took along: 9 of 10
  /// at most.
  @Test func processesThatDieStayWithinTheWindow() async throws {
    let ledger = CountingLedger(RateBudget(limit: 1000))
    let script = Script([status(200)])
    func process() -> BudgetedTransport {
      BudgetedTransport(script, ledger: ledger, time: time, portionWeight: 10)
    }
    var three = (0..<3).map { _ in process() }
    var deaths = 0
    for turn in 0... {
      if turn % 50 == 49 { (three[turn % 3], deaths) = (process(), deaths + 1) }
      _ = await three[turn % 3].outcome(of: order)
      if !time.slept.isEmpty { break }
    }
    // The last one waited for the next window.
    let sent = script.sent - 1
    #expect(deaths > 5 && sent <= 1000 && sent >= 1000 - 9 * (deaths + 3), "\(sent), \(deaths)")
    #expect(time.slept == [60_000])
  }

  /// An order does not spend what it took along where somebody else has used up the window.
  @Test func theVenuesOwnCountHoldsAPortionBack() async throws {
    let script = Script([status(200, [HTTPField("x-mbx-used-weight-1m", "6000")]), status(200)])
    let transport = BudgetedTransport(script, ledger: MemoryBudget(), time: time)
    _ = await transport.outcome(of: order)
    #expect(time.slept == [])
    _ = await transport.outcome(of: order)
    #expect(time.slept == [60_000] && script.sent == 2)
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
