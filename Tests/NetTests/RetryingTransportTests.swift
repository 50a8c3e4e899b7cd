import Domain
import Net
import Synchronization
import Testing

@Suite struct RetryingTransportTests {
  /// A clock that moves only when somebody sleeps, and remembers for how long.
  final class SteppedTime: TimeSource {
    private let state = Mutex((uptime: TimeSpan.zero, slept: [TimeSpan]()))
    var now: Instant { Instant.epoch + uptime }
    var uptime: TimeSpan { state.withLock { $0.uptime } }
    var slept: [Int64] { state.withLock { $0.slept.map(\.milliseconds) } }

    func sleep(for span: TimeSpan) async throws {
      try Task.checkCancellation()
      state.withLock { state in
        if span > .zero { state.uptime = state.uptime + span }
        state.slept.append(span)
      }
    }
  }

  /// Answers from a list, and repeats the last.
  final class Script: HTTPTransport {
    private let answers: [Result<HTTPResponse, Fault>]
    private let count = Mutex(0)
    var sent: Int { count.withLock { $0 } }

    init(_ answers: [Result<HTTPResponse, Fault>]) { self.answers = answers }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
      let index = count.withLock { count in
        count += 1
        return count - 1
      }
      return try answers[min(index, answers.count - 1)].get()
    }
  }

  let time = SteppedTime()
  let request = HTTPRequest("https://example.test/api?signature=secret")
  let broken = Fault(
    "ask", "https://example.test/api", cause: "the connection broke off", exit: .unavailable,
    isTransient: true)

  func status(_ status: Int, retryAfter: String? = nil) -> Result<HTTPResponse, Fault> {
    .success(
      HTTPResponse(
        status: status, headers: retryAfter.map { [HTTPField("retry-after", $0)] } ?? []))
  }

  func retrying(_ script: Script, random: Double = 0.5) -> RetryingTransport {
    RetryingTransport(script, time: time, random: { random })
  }

  @Test func backsOffWithJitter() async throws {
    let script = Script([status(500), .failure(broken), status(503), status(200)])
    let response = try await retrying(script).send(request)
    #expect(response.status == 200)
    #expect(script.sent == 4)
    // Half of 250, 500 and 1,000 ms.
    #expect(time.slept == [125, 250, 500])
  }

  @Test func givesUpAfterTheLastAttempt() async throws {
    let script = Script([status(502)])
    let fault = await #expect(throws: Fault.self) {
      try await retrying(script).send(request)
    }
    #expect(script.sent == 4)
    #expect(fault?.cause == "HTTP 502 (attempt 4)")
    #expect(fault?.exit == .unavailable)
    #expect(fault?.isTransient == true)
    #expect(fault?.subject == "https://example.test/api")
    #expect(time.slept.count == 3)
  }

  @Test func neverWaitsLongerThanTheRuleSays() async throws {
    let rule = RetryRule(
      maximumAttempts: 12, firstDelay: .seconds(1), maximumDelay: .seconds(4),
      maximumRetryAfter: .zero)
    let script = Script([status(500)])
    let transport = RetryingTransport(script, rule: rule, time: time, random: { 0.999 })
    await #expect(throws: Fault.self) { try await transport.send(request) }
    #expect(script.sent == 12)
    #expect(time.slept == [999, 1998] + Array(repeating: 3996, count: 9))
  }

  @Test(arguments: [200, 301, 400, 401, 403, 404, 418, 429])
  func returnsOtherAnswersAtOnce(_ code: Int) async throws {
    let script = Script([status(code), status(200)])
    #expect(try await retrying(script).send(request).status == code)
    #expect(script.sent == 1)
  }

  @Test func doesNotRepeatAPermanentFault() async throws {
    let permanent = Fault("ask", "x", cause: "no certificate", exit: .unavailable)
    let script = Script([.failure(permanent)])
    let fault = await #expect(throws: Fault.self) {
      try await retrying(script).send(request)
    }
    #expect(fault == permanent)
    #expect(script.sent == 1)
  }

  /// An order may have been placed although the answer was lost.
  @Test func neverRepeatsAPost() async throws {
    let script = Script([.failure(broken), status(200)])
    let post = HTTPRequest("https://example.test/order", method: "POST")
    await #expect(throws: Fault.self) { try await retrying(script).send(post) }
    #expect(script.sent == 1)
  }

  /// What a venue says of an order that failed is the caller's to read: -1007 and -1008 differ.
  @Test func keepsTheBodyOfAnErrorToAnOrder() async throws {
    let body = Array(#"{"code":-1007,"msg":"Timeout"}"#.utf8)
    let script = Script([.success(HTTPResponse(status: 503, body: body))])
    let post = HTTPRequest("https://example.test/order", method: "POST")
    #expect(try await retrying(script).send(post).body == body)
    let fault = await #expect(throws: Fault.self) { try await retrying(script).send(request) }
    #expect(fault?.cause.contains(#""code":-1007"#) == true)
  }

  @Test func worksOverTheRealThing() async throws {
    let server = try TestServer { request in
      switch request.number {
      case 0: .status(429, headers: ["Retry-After: 2"])
      case 1: .status(500)
      case 2: .bytesThenClose(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab".utf8))
      default: .status(200, "done")
      }
    }
    defer { server.stop() }
    let transport = RetryingTransport(
      BudgetedTransport(try CurlTransport(), ledger: MemoryBudget(), time: time), time: time,
      random: { 0 })
    let response = try await transport.send(HTTPRequest(server.url("/")))
    #expect(String(decoding: response.body, as: UTF8.self) == "done")
    #expect(server.requests == 4)
    #expect(time.slept == [2000, 0, 0, 0])
  }
}
