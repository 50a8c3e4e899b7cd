import Domain
import Net
import Synchronization

/// Answers requests by a closure, and remembers what was asked.
final class ScriptedExchange: HTTPTransport {
  private let answer: @Sendable (_ path: String, _ query: [String: String]) -> HTTPResponse
  private let asked = Mutex<[String]>([])
  private let bodies = Mutex<[Int]>([])

  /// The addresses asked for, without the host, in order.
  var requests: [String] { asked.withLock { $0 } }

  /// The largest answers that were allowed, in order.
  var limits: [Int] { bodies.withLock { $0 } }

  init(
    _ answer: @escaping @Sendable (_ path: String, _ query: [String: String]) -> HTTPResponse
  ) {
    self.answer = answer
  }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let target = String(request.url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
    asked.withLock { $0.append(target) }
    bodies.withLock { $0.append(request.maximumBodyBytes) }
    let parts = target.split(separator: "?", maxSplits: 1)
    var query: [String: String] = [:]
    for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
      let sides = pair.split(separator: "=", maxSplits: 1)
      query[String(sides[0])] = String(sides.last ?? "")
    }
    return answer(String(parts[0]), query)
  }

  static func ok(_ text: String, headers: [HTTPField] = []) -> HTTPResponse {
    HTTPResponse(status: 200, headers: headers, body: Array(text.utf8))
  }

  static func error(_ status: Int, _ code: Int, _ message: String) -> HTTPResponse {
    HTTPResponse(status: status, body: Array("{\"code\":\(code),\"msg\":\"\(message)\"}".utf8))
  }
}
