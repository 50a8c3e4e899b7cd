import Domain
import Glibc
import Net
import Testing

@Suite struct CurlTransportTests {
  let transport: CurlTransport

  init() throws { transport = try CurlTransport() }

  func fault(
    _ request: HTTPRequest, over other: CurlTransport? = nil
  ) async throws -> Fault {
    do {
      let response = try await (other ?? transport).send(request)
      Issue.record("answered with \(response.status)")
      return Fault("", "", cause: "", exit: .no)
    } catch let fault as Fault {
      return fault
    }
  }

  @Test func sendsWhatIsAskedAndReadsWhatIsAnswered() async throws {
    let server = try TestServer { request in
      let fields = ([request.line] + request.headers).filter {
        !$0.hasPrefix("Host:") && !$0.hasPrefix("Accept: ")
      }
      let text =
        fields.joined(separator: "\n") + "\n" + String(decoding: request.body, as: UTF8.self)
      return .status(201, headers: ["X-Weight:  7 ", "x-twice: a", "X-Twice: b"], text)
    }
    defer { server.stop() }
    let get = try await transport.send(
      HTTPRequest(server.url("/a?b=c"), headers: [HTTPField("X-Key", "k")]))
    #expect(get.status == 201)
    #expect(get.header("x-weight") == "7")
    #expect(get.header("X-TWICE") == "a")
    #expect(get.header("Nothing") == nil)
    #expect(
      String(decoding: get.body, as: UTF8.self)
        == "GET /a?b=c HTTP/1.1\nUser-Agent: carillon\nAccept-Encoding: gzip\nX-Key: k\n")
    let post = try await transport.send(
      HTTPRequest(server.url("/"), method: "POST", body: Array("q=\u{0}1".utf8)))
    #expect(String(decoding: post.body, as: UTF8.self).hasSuffix("\nq=\u{0}1"))
    let empty = try await transport.send(HTTPRequest(server.url("/"), method: "POST"))
    #expect(String(decoding: empty.body, as: UTF8.self).contains("Content-Length: 0\n"))
    let delete = try await transport.send(HTTPRequest(server.url("/x"), method: "DELETE"))
    #expect(String(decoding: delete.body, as: UTF8.self).hasPrefix("DELETE /x HTTP/1.1\n"))
  }

  @Test func keepsConnections() async throws {
    let server = try TestServer { _ in .status(200, "ok") }
    defer { server.stop() }
    for _ in 0..<20 {
      #expect(try await transport.send(HTTPRequest(server.url("/"))).status == 200)
    }
    #expect(server.requests == 20)
    #expect(server.connections == 1)
  }

  @Test func sendsManyAtOnce() async throws {
    let server = try TestServer { .status(200, $0.path) }
    defer { server.stop() }
    let few = try CurlTransport(limits: .init(maximumTransfers: 8, maximumQueued: 500))
    let paths = try await withThrowingTaskGroup(of: String.self) { group in
      for n in 0..<300 {
        group.addTask {
          let response = try await few.send(HTTPRequest(server.url("/\(n)")))
          return String(decoding: response.body, as: UTF8.self)
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(paths == Set((0..<300).map { "/\($0)" }))
    #expect(server.connections <= 8)
  }

  @Test func readsCompressedBodiesAndBoundsWhatTheyExpandTo() async throws {
    // python3 -c 'import gzip; print(list(gzip.compress(b"a" * 100000, mtime=0)))'
    let packed: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 172, 235, 95, 194, 26,
      30, 64, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 0, 0, 0, 0, 0, 0, 175, 6, 135, 250, 226, 27, 160, 134, 1, 0,
    ]
    let head =
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
    let server = try TestServer { _ in .bytes(Array(head.utf8) + packed) }
    defer { server.stop() }
    let response = try await transport.send(HTTPRequest(server.url("/")))
    #expect(response.body == [UInt8](repeating: UInt8(ascii: "a"), count: 100_000))
    let fault = try await fault(HTTPRequest(server.url("/"), maximumBodyBytes: 99_999))
    #expect(fault.exit == .data)
  }

  @Test func refusesABodyOverTheLimit() async throws {
    let server = try TestServer { _ in .status(200, String(repeating: "x", count: 70_000)) }
    defer { server.stop() }
    let whole = try await transport.send(HTTPRequest(server.url("/"), maximumBodyBytes: 70_000))
    #expect(whole.body.count == 70_000)
    let fault = try await fault(HTTPRequest(server.url("/?key=secret"), maximumBodyBytes: 69_999))
    #expect(fault.exit == .data)
    #expect(!fault.isTransient)
    #expect(fault.cause == "the answer is larger than 69999 bytes")
    #expect(fault.subject == server.url("/"))
  }

  @Test(arguments: [
    ("a body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
    ("headers cut short", "HTTP/1.1 200 OK\r\nContent-Le"),
    ("no answer", ""),
  ])
  func callsABrokenConnectionTransient(_ name: String, _ bytes: String) async throws {
    let server = try TestServer { _ in .bytesThenClose(Array(bytes.utf8)) }
    defer { server.stop() }
    let fault = try await fault(HTTPRequest(server.url("/")))
    #expect(fault.exit == .unavailable)
    #expect(fault.isTransient)
    #expect(fault.cause.hasPrefix("the connection broke off"), "\(fault)")
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
  func endsAnAnswerThatTakesTooLong(_ bytes: String) async throws {
    let server = try TestServer { _ in .hang(after: Array(bytes.utf8)) }
    defer { server.stop() }
    let fault = try await fault(HTTPRequest(server.url("/"), timeout: .milliseconds(50)))
    #expect(fault.exit == .unavailable)
    #expect(fault.isTransient)
    #expect(fault.cause.hasPrefix("no answer in time"))
  }

  @Test func callsAClosedPortTransient() async throws {
    let (descriptor, port) = try TestServer.listen()
    close(descriptor)
    let fault = try await fault(HTTPRequest("http://127.0.0.1:\(port)/"))
    #expect(fault.exit == .unavailable)
    #expect(fault.isTransient)
    #expect(fault.cause.hasPrefix("the host cannot be reached"))
  }

  @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "nonsense://x", ""])
  func refusesOtherProtocols(_ url: String) async throws {
    let fault = try await fault(HTTPRequest(url))
    #expect(fault.exit == .configuration)
    #expect(!fault.isTransient)
  }

  @Test func refusesAHeaderWithALineEnd() async throws {
    let server = try TestServer { _ in .status(200) }
    defer { server.stop() }
    let request = HTTPRequest(server.url("/"), headers: [HTTPField("X", "a\r\nY: b")])
    let fault = try await fault(request)
    #expect(fault.exit == .configuration)
    #expect(server.requests == 0)
  }

  @Test func doesNotFollowRedirects() async throws {
    let server = try TestServer { _ in .status(302, headers: ["Location: /elsewhere"]) }
    defer { server.stop() }
    let response = try await transport.send(HTTPRequest(server.url("/")))
    #expect(response.status == 302)
    #expect(response.header("location") == "/elsewhere")
    #expect(server.requests == 1)
  }

  @Test func abortsTheTransferOfACancelledTask() async throws {
    let server = try TestServer { _ in .hang(after: []) }
    defer { server.stop() }
    let task = Task { try await transport.send(HTTPRequest(server.url("/hang"))) }
    var events = server.events.makeAsyncIterator()
    guard case .request = await events.next() else {
      Issue.record("no request")
      return
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    guard case .clientLeft = await events.next() else {
      Issue.record("the connection is still there")
      return
    }
  }

  @Test func doesNotSendForATaskThatIsCancelledAlready() async throws {
    let server = try TestServer { _ in .status(200) }
    defer { server.stop() }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await transport.send(HTTPRequest(server.url("/")))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(server.requests == 0)
  }

  @Test func refusesWhatDoesNotFitIntoTheQueue() async throws {
    let server = try TestServer { _ in .hang(after: []) }
    defer { server.stop() }
    let small = try CurlTransport(limits: .init(maximumTransfers: 1, maximumQueued: 1))
    // Two hang, one under way and one waiting; the third is refused.
    let faults = await withTaskGroup(of: (any Error)?.self) { group in
      for _ in 0..<3 {
        group.addTask {
          do {
            _ = try await small.send(HTTPRequest(server.url("/")))
            return nil
          } catch {
            return error
          }
        }
      }
      let first = await group.next()
      small.shutdown()
      return await [first] + group.reduce(into: []) { $0.append($1) }
    }
    let causes = faults.map { ($0 as? Fault)?.cause }
    #expect(
      causes == [
        "2 requests are under way or waiting already", "the client was shut down",
        "the client was shut down",
      ])
    #expect((faults[0] as? Fault)?.exit == .tryAgain)
    let late = try await fault(HTTPRequest(server.url("/")), over: small)
    #expect(late.cause == "the client was shut down")
    small.shutdown()
  }
}
