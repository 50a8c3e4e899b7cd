import Domain
import Glibc
import Net
import Testing

/// What became of a request that must not be repeated by guess, and who waits for whom.
extension CurlTransportTests {
  /// A server that answers the first request and closes every later connection after reading. On a
  /// connection that was used before, libcurl sends a request again that got no answer: an order must
  /// never be.
  @Test func sendsAnOrderOnceWhateverTheConnectionDoes() async throws {
    let server = try TestServer { request in
      request.path == "/first" ? .status(200, "ok") : .bytesThenClose([])
    }
    defer { server.stop() }
    #expect(try await transport.send(HTTPRequest(server.url("/first"))).status == 200)
    let order = HTTPRequest(server.url("/order"), method: "POST", body: Array("q=1".utf8))
    guard case .unanswered(let fault) = await transport.outcome(of: order) else {
      Issue.record("the order had an answer, or was not sent")
      return
    }
    #expect(fault.isTransient)
    #expect(server.requests == 2)
    // What may be repeated is, by libcurl itself: this is what the order is kept from.
    #expect(try await transport.send(HTTPRequest(server.url("/first"))).status == 200)
    _ = try await self.fault(HTTPRequest(server.url("/candles")))
    #expect(server.requests == 5)
  }

  @Test func tellsWhatWasNeverSent() async throws {
    let (descriptor, port) = try TestServer.listen()
    close(descriptor)
    let outcome = await transport.outcome(
      of: HTTPRequest("http://127.0.0.1:\(port)/order", method: "POST"))
    guard case .notSent = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let invalid = await transport.outcome(
      of: HTTPRequest("http://h/", headers: [HTTPField("a\n", "b")]))
    guard case .refused = invalid else {
      Issue.record("\(invalid)")
      return
    }
    let server = try TestServer { _ in .status(400, #"{"code":-2010}"#) }
    defer { server.stop() }
    guard
      case .answered(let response) = await transport.outcome(
        of: HTTPRequest(server.url("/"), method: "POST"))
    else {
      Issue.record("a refusal is an answer")
      return
    }
    #expect(response.body == Array(#"{"code":-2010}"#.utf8))
  }

  /// All places are taken by candles that hang, and more wait: an order passes them, and what waits
  /// too long is told that it was not sent.
  @Test func ordersDoNotWaitBehindCandles() async throws {
    let (candles, arrived) = AsyncStream<Void>.makeStream()
    let server = try TestServer { request in
      if request.path == "/order" { return .status(200, "done") }
      arrived.yield()
      return .hang(after: [])
    }
    defer { server.stop() }
    let few = try CurlTransport(limits: .init(maximumTransfers: 2, maximumQueued: 50))
    defer { few.shutdown() }
    try await withThrowingTaskGroup(of: HTTPOutcome.self) { group in
      for n in 0..<2 {
        let candle = HTTPRequest(server.url("/\(n)"), timeout: .seconds(100))
        group.addTask { await few.outcome(of: candle) }
      }
      // Both places are taken before others ask for one.
      var arrivals = candles.makeAsyncIterator()
      for _ in 0..<2 { await arrivals.next() }
      for n in 2..<10 {
        let candle = HTTPRequest(server.url("/\(n)"), timeout: .milliseconds(300))
        group.addTask { await few.outcome(of: candle) }
      }
      defer { group.cancelAll() }
      // Eight of ten time out in the queue: the time there counts.
      for _ in 0..<8 {
        guard case .notSent(let fault) = try #require(try await group.next()) else {
          Issue.record("a candle found a place")
          return
        }
        #expect(fault.cause.contains("its turn did not come"))
      }
      var order = HTTPRequest(server.url("/order"), method: "POST", timeout: .seconds(30))
      order.urgency = .order
      guard case .answered = await few.outcome(of: order) else {
        Issue.record("the order waited behind candles")
        return
      }
    }
  }
}
