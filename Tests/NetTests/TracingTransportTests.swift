import Domain
import Net
import Synchronization
import Testing

@Suite struct TracingTransportTests {
  final class Lines: Sendable {
    private let all = Mutex<[String]>([])
    var text: String { all.withLock { $0.joined(separator: "\n") } }
    func add(_ line: String) { all.withLock { $0.append(line) } }
  }

  struct Echo: HTTPTransport {
    let failure: Fault?
    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
      if let failure { throw failure }
      return HTTPResponse(
        status: 401, headers: [HTTPField("Set-Cookie", "CANARY"), HTTPField("X-Weight", "7")],
        body: Array("CANARY".utf8))
    }
  }

  @Test func tellsEverythingButSecrets() async throws {
    let lines = Lines()
    let tracing = TracingTransport(Echo(failure: nil), time: SystemTime()) { lines.add($0) }
    let request = HTTPRequest(
      "https://user:CANARY@host/order?symbol=BTCUSDT&signature=CANARY&apiKey=CANARY#CANARY",
      method: "POST",
      headers: [
        HTTPField("X-MBX-APIKEY", "CANARY"), HTTPField("API-Sign", "CANARY"),
        HTTPField("Authorization", "Bearer CANARY"), HTTPField("X-Id", "17"),
      ], body: Array("secret=CANARY".utf8))
    _ = try await tracing.send(request)
    _ = await tracing.outcome(of: request)
    #expect(!lines.text.contains("CANARY"))
    #expect(
      lines.text.contains(
        "> POST https://host/order?symbol=BTCUSDT&signature=<redacted>&apiKey=<redacted>, 13 bytes")
    )
    #expect(lines.text.contains("X-Id: 17"))
    #expect(lines.text.contains("X-Weight: 7"))
    #expect(lines.text.contains("< HTTP 401, 6 bytes"))
  }

  /// A secret prints as redacted wherever it is held.
  @Test func aSecretIsNotPrinted() {
    struct Key {
      let name = "main"
      let secret = Secret("CANARY")
    }
    var dumped = ""
    dump(Key(), to: &dumped)
    let texts = ["\(Key())", "\(Secret("CANARY"))", String(reflecting: Key()), dumped]
    for text in texts {
      #expect(!text.contains("CANARY"))
      #expect(text.contains("<redacted>") || text.contains("Secret"))
    }
    #expect(Secret("CANARY").reveal { $0 } == "CANARY")
  }
}
