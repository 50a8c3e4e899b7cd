public import Domain
import Synchronization

/// Lets requests pass as far as the venue's budget allows, and puts on record what the venue says of
/// it: how much is used, and for how long it refuses.
///
/// Weight is taken from the ledger in portions, one of data and one of orders, so that not every request
/// waits for the disk; what is left of a portion when its window ends is lost to nobody but us.
public final class BudgetedTransport: HTTPTransport {
  private let base: any HTTPTransport
  private let ledger: any BudgetLedger
  private let time: any TimeSource
  private let rule: RetryAfter
  private let portionAtOnce: Int
  private let portion = Mutex(Portion())

  /// Weight that was taken and not used yet.
  private struct Portion {
    var window: Int64 = .min
    var left: [RateBudget.Urgency: Int] = [:]
    /// What the venue last said is used.
    var told: Int?
  }

  /// The weight that is taken at once, of thousands in a minute.
  public static let portionWeight = 100
  /// The longest wait for a window or the end of a ban; beyond it the request fails and says so,
  /// since a job should not hold its place for minutes.
  static let longestWait = TimeSpan.seconds(61)

  /// A transport over another one, within the budget that a ledger keeps; `time` is the clock of this
  /// machine.
  public init(
    _ base: any HTTPTransport, ledger: any BudgetLedger, time: any TimeSource,
    portionWeight: Int = portionWeight
  ) {
    (self.base, self.ledger, self.time) = (base, ledger, time)
    portionAtOnce = portionWeight
    rule = RetryAfter()
  }

  /// Sends a request when its turn has come; see `HTTPTransport`.
  ///
  /// - Throws: also a transient `Fault` 75 with `retryAfter` while the venue refuses, and for the 429
  ///   or 418 that begins it.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await admit(request)
    let response = try await base.send(request)
    if let refusal = try note(response, to: request) { throw refusal }
    return response
  }

  /// Sends a request when its turn has come, and tells what became of it.
  public func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    do {
      try await admit(request)
    } catch let fault as Fault {
      return .refused(fault)
    } catch {
      return .notSent(request.cutShort)
    }
    let outcome = await base.outcome(of: request)
    guard case .answered(let response) = outcome else { return outcome }
    do {
      // The answer stands, whatever it says of the budget.
      _ = try note(response, to: request)
    } catch {
      portion.withLock { $0.left = [:] }
    }
    return outcome
  }

  /// Puts on record what an answer says of the budget.
  private func note(_ response: HTTPResponse, to request: HTTPRequest) throws -> Fault? {
    if let told = response.header("x-mbx-used-weight-1m").flatMap({ Int($0) }) {
      portion.withLock { $0.told = max(told, 0) }
    }
    guard let refusal = rule.refusal(in: response, at: time.now) else { return nil }
    try ledger.change { [now = time.now] in
      $0.ban(until: refusal.until, reason: refusal.reason, at: now)
    }
    portion.withLock { $0.left = [:] }
    return fault(request, until: refusal.until, refusal.reason)
  }

  private func admit(_ request: HTTPRequest) async throws {
    while true {
      switch try admission(request) {
      case .admitted:
        return
      case .wait(let until):
        try await time.sleep(for: min(max(until - time.now, .milliseconds(1)), .minutes(1)))
      case .banned(let until, let reason):
        let left = until - time.now
        guard left <= Self.longestWait, request.urgency == .data, reason.hasPrefix("HTTP 429")
        else {
          throw fault(request, until: until, reason)
        }
        try await time.sleep(for: max(left, .milliseconds(1)))
      }
    }
  }

  private func admission(_ request: HTTPRequest) throws -> RateBudget.Admission {
    let (now, cost, lane) = (time.now, request.weight, request.urgency)
    let (taken, told) = portion.withLock { portion -> (Int?, Int?) in
      let window = now.milliseconds.flooringQuotient(60_000)
      if portion.window != window { portion = Portion(window: window) }
      guard let left = portion.left[lane], left >= cost else { return (nil, portion.told) }
      portion.left[lane] = left - cost
      return (left, portion.told)
    }
    if let taken {
      // An order looks at the record itself: another process may have been refused meanwhile.
      if try lane == .data || ledger.state().stillAllows(taken, told: told, at: now) {
        return .admitted
      }
      portion.withLock { $0.left = [:] }
    }
    let (answer, extra) = try ledger.change { budget -> (RateBudget.Admission, Int) in
      if let told { budget.correct(used: told, at: now) }
      return budget.take(cost, upTo: portionAtOnce, lane, at: now)
    }
    portion.withLock { if extra > 0 { $0.left[lane, default: 0] += extra } }
    return answer
  }

  private func fault(_ request: HTTPRequest, until: Instant, _ reason: String) -> Fault {
    Fault(
      "ask", request.place, cause: "\(reason); nothing is asked there before \(until)",
      remedy: "wait; ask for fewer symbols or less often", exit: .tryAgain, isTransient: true,
      retryAfter: max(until - time.now, .zero))
  }
}
