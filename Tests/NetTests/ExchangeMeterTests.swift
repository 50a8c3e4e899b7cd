import Domain
import Testing

@testable import Net

/// What is counted of requests to exchanges.
@Suite struct ExchangeMeterTests {
  static let now = Instant(rfc3339: "2026-11-20T14:00:00Z")!

  private func meter() -> ExchangeMeter {
    ExchangeMeter(venues: [
      "a": "https://api.example.org", "b": "https://api.example.org/b", "c": "http://127.0.0.1:1",
    ])
  }

  private func note(
    _ meter: ExchangeMeter, _ url: String, _ result: ExchangeMeter.Result = .ok,
    method: String = "GET"
  ) {
    meter.note(
      HTTPRequest(url, method: method), result, nil, took: .milliseconds(30), now: Self.now)
  }

  /// The nearest address counts, the query is left out, and what goes elsewhere is not counted.
  @Test func tellsEndpointsApart() {
    let meter = meter()
    note(meter, "https://api.example.org/v3/klines?symbol=A&limit=5")
    note(meter, "https://api.example.org/v3/klines?symbol=B#x", .limited)
    note(meter, "https://api.example.org/b/v3/order", method: "POST")
    note(meter, "https://elsewhere.example.org/v3/klines")
    #expect(
      meter.calls.keys.sorted().map { "\($0.venue) \($0.endpoint)" } == [
        "a GET /v3/klines", "b POST /v3/order",
      ])
    let figures = meter.calls[.init(venue: "a", endpoint: "GET /v3/klines")]
    #expect(figures?.results == [.ok: 1, .limited: 1])
    #expect(figures?.durations.count == 2 && figures?.durations.sum == .milliseconds(60))
  }

  /// However many paths there are, the figures stay bounded; what was known before goes on.
  @Test func isBounded() {
    let meter = meter()
    for path in 0..<1000 { note(meter, "https://api.example.org/\(path)") }
    note(meter, "https://api.example.org/3")
    #expect(meter.calls.count == ExchangeMeter.maximumEndpoints + 1)
    #expect(meter.calls[.init(venue: "a", endpoint: "GET /3")]?.durations.count == 2)
    #expect(
      meter.calls[.init(venue: "a", endpoint: "other")]?.durations.count
        == 1000 - ExchangeMeter.maximumEndpoints)
    note(meter, "http://127.0.0.1:1/x")
    #expect(meter.calls[.init(venue: "c", endpoint: "GET /x")] != nil)
  }

  // From the question to the end of the answer, in ms after 14:00:00; the date of the answer; how far
  // we are ahead at least.
  @Test(
    arguments: [
      (0, 400, "Fri, 20 Nov 2026 14:00:00 GMT", 0),
      // Written at the very end of its second.
      (900, 1400, "Fri, 20 Nov 2026 14:00:00 GMT", 0),
      (1500, 1700, "Fri, 20 Nov 2026 14:00:00 GMT", 500),
      (100, 300, "Fri, 20 Nov 2026 14:00:01 GMT", -700),
      (61_000, 61_200, "Fri, 20 Nov 2026 14:00:00 GMT", 60_000),
      (0, 400, "yesterday", nil), (0, 400, nil, nil),
    ] as [(Int64, Int64, String?, Int64?)]) func readsClocks(
      _ begun: Int64, _ ended: Int64, _ date: String?, _ skew: Int64?
    )
  {
    let response = HTTPResponse(status: 200, headers: date.map { [HTTPField("date", $0)] } ?? [])
    let told = ExchangeMeter.skew(
      of: response, begun: Self.now + .milliseconds(begun), ended: Self.now + .milliseconds(ended))
    #expect(told == skew.map { .milliseconds($0) })
  }

  /// What a cache kept was dated long ago.
  @Test func believesNoCache() {
    let headers = [HTTPField("Date", "Fri, 20 Nov 2026 13:00:00 GMT"), HTTPField("age", "3600")]
    let response = HTTPResponse(status: 200, headers: headers)
    #expect(ExchangeMeter.skew(of: response, begun: Self.now, ended: Self.now) == nil)
  }

  // Each way for a request to end, once by `send` and once by `outcome`.
  @Test(
    arguments: [
      (200, .ok), (302, .ok), (400, .rejected), (418, .limited), (429, .limited), (503, .failed),
    ] as [(Int, ExchangeMeter.Result)]) func counts(
      _ status: Int, _ result: ExchangeMeter.Result
    ) async throws
  {
    let meter = meter()
    let transport = MeteredTransport(
      FixedAnswer(outcome: .answered(HTTPResponse(status: status))), meter: meter,
      time: SystemTime())
    _ = try await transport.send(HTTPRequest("https://api.example.org/x"))
    _ = await transport.outcome(of: HTTPRequest("https://api.example.org/x"))
    #expect(meter.calls.values.map(\.results) == [[result: 2]])
  }

  // What never went out took no time.
  @Test(
    arguments: [
      (HTTPOutcome.refused(fault), .unsent, 0), (.notSent(fault), .unsent, 0),
      (.unanswered(fault), .unanswered, 1),
    ] as [(HTTPOutcome, ExchangeMeter.Result, Int)]) func countsWhatIsNotAnswered(
      _ outcome: HTTPOutcome, _ result: ExchangeMeter.Result, _ timed: Int
    ) async
  {
    let meter = meter()
    let transport = MeteredTransport(
      FixedAnswer(outcome: outcome), meter: meter, time: SystemTime())
    _ = await transport.outcome(of: HTTPRequest("https://api.example.org/x"))
    #expect(meter.calls.values.map(\.results) == [[result: 1]])
    #expect(meter.calls.values.map(\.durations.count) == [timed])
    await #expect(throws: Fault.self) {
      _ = try await transport.send(HTTPRequest("https://api.example.org/x"))
    }
    #expect(meter.calls.values.first?.results[.unanswered] == (result == .unanswered ? 2 : 1))
  }

  static let fault = Fault("ask", "x", cause: "nobody answers", exit: .unavailable)
}

/// What always answers alike.
private struct FixedAnswer: HTTPTransport {
  let outcome: HTTPOutcome

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard case .answered(let response) = outcome else { throw ExchangeMeterTests.fault }
    return response
  }

  func outcome(of request: HTTPRequest) async -> HTTPOutcome { outcome }
}
