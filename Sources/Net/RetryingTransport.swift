public import Domain
import Synchronization

/// When a request is sent again, and how long it waits before.
public struct RetryRule: Hashable, Sendable {
  /// How often a request is sent at most.
  public var maximumAttempts: Int
  /// The longest wait before the second attempt; it doubles with each further one.
  public var firstDelay: TimeSpan
  /// The longest wait of all.
  public var maximumDelay: TimeSpan
  /// The longest wait that the other side may ask for; when it asks for more, the request fails
  /// and says so, since a job should not hold its place for minutes.
  public var maximumRetryAfter: TimeSpan

  /// Four attempts, 250 ms to 10 s apart, and up to a minute when asked to wait.
  public static let standard = RetryRule(
    maximumAttempts: 4, firstDelay: .milliseconds(250), maximumDelay: .seconds(10),
    maximumRetryAfter: .seconds(60))

  /// A rule of these parts.
  public init(
    maximumAttempts: Int, firstDelay: TimeSpan, maximumDelay: TimeSpan,
    maximumRetryAfter: TimeSpan
  ) {
    self.maximumAttempts = maximumAttempts
    self.firstDelay = firstDelay
    self.maximumDelay = maximumDelay
    self.maximumRetryAfter = maximumRetryAfter
  }

  /// The longest wait after so many failed attempts (1 or more).
  func longestDelay(after attempts: Int) -> TimeSpan {
    let doubled = firstDelay * (1 << Int64(min(attempts - 1, 20)))
    return min(doubled, maximumDelay)
  }
}

/// Sends again what may succeed the next time.
///
/// Only `GET` and `HEAD`: anything else may have had its effect, and is for the caller to look up.
/// - 429 and 418: waits as long as `Retry-After` says, and lets no other request pass until then.
/// - 5xx and broken connections: backs off with full jitter (M. Brooker, "Exponential backoff and
///   jitter", 2015).
/// - Every other answer is returned at once, 4xx included.
public final class RetryingTransport: HTTPTransport {
  private let base: any HTTPTransport
  private let rule: RetryRule
  private let time: any TimeSource
  private let random: @Sendable () -> Double
  /// The uptime before which nothing is sent, since the other side asked for it.
  private let closedUntil = Mutex(TimeSpan.zero)

  /// A transport that retries over another one; `random` gives numbers from 0 up to 1.
  public init(
    _ base: any HTTPTransport, rule: RetryRule = .standard, time: any TimeSource,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.base = base
    self.rule = rule
    self.time = time
    self.random = random
  }

  /// Sends a request until it has an answer or the rule is exhausted; see `HTTPTransport`.
  ///
  /// - Throws: also a transient `Fault` for a 429, 418 or 5xx that stays one: 75 with its
  ///   `retryAfter`, or 69.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let isRepeatable = request.method == "GET" || request.method == "HEAD"
    let attempts = isRepeatable ? max(rule.maximumAttempts, 1) : 1
    var failed = 0
    while true {
      try await waitUntilOpen()
      let fault: Fault
      do {
        let response = try await base.send(request)
        guard let refusal = refusal(response, to: request, attempt: failed + 1) else {
          return response
        }
        fault = refusal
      } catch let broken as Fault where broken.isTransient {
        fault = broken
      }
      failed += 1
      if let asked = fault.retryAfter {
        guard asked <= rule.maximumRetryAfter else { throw fault }
        close(for: asked)
      }
      guard failed < attempts else { throw fault }
      let jitter = Double(rule.longestDelay(after: failed).milliseconds) * random()
      try await time.sleep(for: .milliseconds(Int64(jitter)))
    }
  }

  private func waitUntilOpen() async throws {
    while true {
      let left = closedUntil.withLock { $0 } - time.uptime
      guard left > .zero else { return }
      try await time.sleep(for: left)
    }
  }

  private func close(for span: TimeSpan) {
    let end = time.uptime + span
    closedUntil.withLock { $0 = max($0, end) }
  }

  /// The fault of an answer that is worth another attempt; nil for any other answer.
  private func refusal(
    _ response: HTTPResponse, to request: HTTPRequest, attempt: Int
  ) -> Fault? {
    let tries = attempt == 1 ? "" : " (attempt \(attempt))"
    switch response.status {
    case 429, 418:
      let asked = response.header("Retry-After").flatMap(Self.seconds)
      let wait = asked.map { ", and asks to wait \($0)" } ?? ""
      return Fault(
        "ask", request.place,
        cause: response.status == 429
          ? "HTTP 429: too many requests\(wait)\(tries)"
          : "HTTP 418: this address is banned for a while\(wait)\(tries)",
        remedy: "ask for fewer symbols or less often", exit: .tryAgain, isTransient: true,
        retryAfter: asked ?? rule.firstDelay)
    case 500...599:
      return Fault(
        "ask", request.place, cause: "HTTP \(response.status)\(tries)",
        remedy: "wait; the fault is on the other side", exit: .unavailable, isTransient: true)
    default:
      return nil
    }
  }

  /// The whole seconds of a `Retry-After`, up to a week; nil for its form with a date, which no
  /// exchange uses.
  private static func seconds(_ text: String) -> TimeSpan? {
    guard let seconds = Int64(text), (0...604_800).contains(seconds) else { return nil }
    return .seconds(seconds)
  }
}
