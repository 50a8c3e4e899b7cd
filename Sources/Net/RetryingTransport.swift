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
/// Only what is idempotent: anything else may have had its effect, and is for the caller to look up.
/// - 5xx and broken connections: backs off with full jitter (M. Brooker, "Exponential backoff and
///   jitter", 2015).
/// - A refusal that says for how long (429, 418): is sent again after a wait that the rule allows, and
///   thrown otherwise. What comes in between is held back by `BudgetedTransport`.
/// - Every other answer is returned at once, 4xx included.
public final class RetryingTransport: HTTPTransport {
  private let base: any HTTPTransport
  private let rule: RetryRule
  private let time: any TimeSource
  private let random: @Sendable () -> Double

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
  /// - Throws: also a transient `Fault` for a 5xx that stays one.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let attempts = request.isIdempotent ? max(rule.maximumAttempts, 1) : 1
    var failed = 0
    while true {
      let fault: Fault
      do {
        let response = try await base.send(request)
        guard request.isIdempotent, (500...599).contains(response.status) else { return response }
        fault = Self.fault(response, to: request, attempt: failed + 1)
      } catch let broken as Fault where broken.isTransient {
        fault = broken
      }
      failed += 1
      guard failed < attempts, fault.retryAfter ?? .zero <= rule.maximumRetryAfter else {
        throw fault
      }
      if let asked = fault.retryAfter, asked > .zero { try await time.sleep(for: asked) }
      let jitter = Double(rule.longestDelay(after: failed).milliseconds) * random()
      try await time.sleep(for: .milliseconds(Int64(jitter)))
    }
  }

  /// One attempt where the request is not idempotent; the answer to the last one otherwise.
  public func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    guard request.isIdempotent else { return await base.outcome(of: request) }
    do {
      return .answered(try await send(request))
    } catch let fault as Fault {
      return .unanswered(fault)
    } catch {
      return .unanswered(request.cutShort)
    }
  }

  private static func fault(
    _ response: HTTPResponse, to request: HTTPRequest, attempt: Int
  ) -> Fault {
    let tries = attempt == 1 ? "" : " (attempt \(attempt))"
    let said = String(decoding: response.body.prefix(200), as: UTF8.self)
      .unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
    let told = said.isEmpty ? "" : ": \(String(String.UnicodeScalarView(said)))"
    return Fault(
      "ask", request.place, cause: "HTTP \(response.status)\(tries)\(told)",
      remedy: "wait; the fault is on the other side", exit: .unavailable, isTransient: true)
  }
}
