import Domain
import Net
import Synchronization

/// Answers signed requests by a closure, and remembers them.
final class BinanceStub: HTTPTransport {
  struct Call: Sendable {
    let method: String
    let path: String
    let parameters: [String: String]
    let request: HTTPRequest
    /// What was signed, and the signature.
    let payload: String
    let signature: String
  }

  private let answer: @Sendable (Call) -> HTTPOutcome
  private let calls = Mutex<[Call]>([])
  private let questionsForTheTime = Mutex(0)

  init(_ answer: @escaping @Sendable (Call) -> HTTPOutcome) { self.answer = answer }

  /// The requests that were made, without those for the time.
  var asked: [Call] { calls.withLock { $0 } }

  /// How often the time was asked for.
  var askedForTheTime: Int { questionsForTheTime.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    switch await outcome(of: request) {
    case .answered(let response): return response
    case .refused(let fault), .notSent(let fault), .unanswered(let fault): throw fault
    }
  }

  func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    let target = request.url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }
    let parts = target.split(separator: "?", maxSplits: 1)
    let text = request.body.map { String(decoding: $0, as: UTF8.self) }
    let query = text ?? (parts.count > 1 ? String(parts[1]) : "")
    var parameters: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      parameters[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
    }
    let signature = parameters["signature"] ?? ""
    let call = Call(
      method: request.method, path: String(parts[0]), parameters: parameters, request: request,
      payload: query.hasSuffix("&signature=\(signature)")
        ? String(query.dropLast(signature.utf8.count + 11)) : query,
      signature: signature)
    if call.path == "/api/v3/time" {
      questionsForTheTime.withLock { $0 += 1 }
      return .answered(Self.ok("{\"serverTime\":\(Self.venueTime.milliseconds)}"))
    }
    calls.withLock { $0.append(call) }
    return answer(call)
  }

  /// What the venue's clock shows, always.
  static let venueTime = Instant(rfc3339: "2026-11-28T12:00:00Z")!

  static func ok(_ text: String) -> HTTPResponse {
    HTTPResponse(status: 200, body: Array(text.utf8))
  }

  static func error(_ status: Int, _ code: Int, _ message: String) -> HTTPOutcome {
    .answered(
      HTTPResponse(
        status: status, body: Array("{\"code\":\(code),\"msg\":\"\(message)\"}".utf8)))
  }
}

/// A clock that stands still, and that a sleep moves.
final class StandingTime: TimeSource {
  private let time: Mutex<Instant>
  init(_ now: Instant) { time = Mutex(now) }
  var now: Instant { time.withLock { $0 } }
  var uptime: TimeSpan { now - .epoch }
  func sleep(for span: TimeSpan) async throws { time.withLock { $0 = $0 + span } }
}
