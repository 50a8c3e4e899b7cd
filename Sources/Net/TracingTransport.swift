public import Domain

/// Tells each request and its answer, with what may be secret left out: values of headers and of the
/// query whose names sound like keys, signatures and tokens, names and passwords in addresses, and
/// bodies but for their length.
public struct TracingTransport: HTTPTransport {
  private let base: any HTTPTransport
  private let time: any TimeSource
  private let tell: @Sendable (String) -> Void

  /// A transport over another one that tells what passes.
  public init(
    _ base: any HTTPTransport, time: any TimeSource, tell: @escaping @Sendable (String) -> Void
  ) {
    (self.base, self.time, self.tell) = (base, time, tell)
  }

  /// Sends a request, and tells of it and of its answer.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let begun = asked(request)
    do {
      let response = try await base.send(request)
      answered(response, begun)
      return response
    } catch {
      tell("< \(error) (\(milliseconds(begun)))")
      throw error
    }
  }

  /// Sends a request, and tells what became of it.
  public func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    let begun = asked(request)
    let outcome = await base.outcome(of: request)
    switch outcome {
    case .answered(let response): answered(response, begun)
    case .refused(let fault): tell("< refused: \(fault) (\(milliseconds(begun)))")
    case .notSent(let fault): tell("< not sent: \(fault) (\(milliseconds(begun)))")
    case .unanswered(let fault): tell("< no answer: \(fault) (\(milliseconds(begun)))")
    }
    return outcome
  }

  private func asked(_ request: HTTPRequest) -> TimeSpan {
    let body = request.body.map { ", \($0.count) bytes" } ?? ""
    tell("> \(request.method) \(request.place)\(Redaction.query(of: request.url))\(body)")
    for field in request.headers { tell(">   \(Redaction.shown(field))") }
    return time.uptime
  }

  private func answered(_ response: HTTPResponse, _ begun: TimeSpan) {
    tell("< HTTP \(response.status), \(response.body.count) bytes (\(milliseconds(begun)))")
    for field in response.headers { tell("<   \(Redaction.shown(field))") }
  }

  private func milliseconds(_ begun: TimeSpan) -> String {
    "\((time.uptime - begun).milliseconds) ms"
  }
}

/// What of a request is shown.
enum Redaction {
  /// What stands for a secret.
  static let mark = "<redacted>"

  /// Parts of the names of what is secret.
  private static let secretWords = [
    "key", "sign", "secret", "token", "auth", "cookie", "pass", "nonce", "otp", "credential",
  ]

  /// Whether the name of a header or parameter sounds like a secret's.
  static func isSecret(_ name: some StringProtocol) -> Bool {
    let name = name.lowercased()
    return secretWords.contains { name.contains($0) }
  }

  /// A header as it is shown.
  static func shown(_ field: HTTPField) -> String {
    "\(field.name): \(isSecret(field.name) ? mark : field.value)"
  }

  /// The query of an address as it is shown, with its `?`; empty where there is none.
  static func query(of url: String) -> String {
    guard let start = url.firstIndex(of: "?") else { return "" }
    let query = url[url.index(after: start)...].prefix { $0 != "#" }
    let shown = query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
      let name = pair.prefix { $0 != "=" }
      return name.count == pair.count || !isSecret(name) ? String(pair) : "\(name)=\(mark)"
    }
    return "?" + shown.joined(separator: "&")
  }
}
