import Domain
import Exchange
import Net
import Synchronization

/// Asks Kraken on behalf of an account: one call of a key at a time, each with a nonce of its own that is
/// on record before it is used, within the counter of the key. Questions are asked again, with a new
/// nonce; what may have an effect is sent once.
final class KrakenCaller: Sendable {
  /// For how long a new order may be taken by the venue's clock; Kraken allows 2 to 60 seconds.
  static let validity = TimeSpan.seconds(6)
  /// The time for a whole exchange.
  static let timeout = TimeSpan.seconds(15)
  /// How often a question is asked.
  static let questionAttempts = 3
  /// The longest wait for the key, and for room in its counter.
  static let longestWait = TimeSpan.minutes(2)
  /// Kraken tells its time in whole seconds.
  static let clockResolution = TimeSpan.seconds(1)
  /// How long is waited before a key that somebody else uses is tried again.
  private static let pause = TimeSpan.milliseconds(20)

  private let transport: any HTTPTransport
  private let baseURL: String
  private let key: KrakenKey
  private let keeper: any KrakenKeyKeeper
  private let time: any TimeSource
  private let replies: KrakenReplies
  private let reading = Mutex<VenueClock?>(nil)
  private let spending = Mutex(0)

  init(
    transport: any HTTPTransport, baseURL: String, key: KrakenKey, keeper: any KrakenKeyKeeper,
    time: any TimeSource, replies: KrakenReplies
  ) {
    self.transport = transport
    self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    self.key = key
    self.keeper = keeper
    self.time = time
    self.replies = replies
  }

  /// What calls have counted.
  var spent: Int { spending.withLock { $0 } }

  /// Our clock.
  var now: Instant { time.now }

  /// The venue's time now.
  func venueTime() async throws -> Instant { try await clock().venueTime(at: time.now) }

  /// The venue's clock beside ours, read anew when the last reading is too old.
  func clock() async throws -> VenueClock {
    if let known = reading.withLock({ $0 }), !known.isStale(at: time.now) { return known }
    let sent = time.now
    let reply = try await open("Time", [])
    let told = reply["unixtime"]?.int64.flatMap { $0.magnitude < 1 << 40 ? $0 * 1000 : nil }
      .flatMap { Instant(told: $0) }
    guard let told,
      let reading = VenueClock(
        venue: told, sent: sent, answered: time.now, resolution: Self.clockResolution)
    else { throw replies.defect("its unixtime is no time in seconds") }
    self.reading.withLock { $0 = reading }
    return reading
  }

  /// What became of a call, when it was sent, and until when it may act, all by our clock.
  struct Answer {
    let verdict: KrakenVerdict
    let sent: Instant
    let validUntil: Instant
  }

  /// Sends a new order, once; nil where the time that it may act in has passed. What the venue refused for
  /// its time certainly had no effect: then its clock is read anew, and the order is sent once more.
  func place(_ parameters: [(String, String)], validUntil: Instant?) async throws -> Answer? {
    for isLast in [false, true] {
      let clock = try await clock()
      let answer = try await call("AddOrder", weight: 0) { now in
        let deadline = min(clock.venueTime(at: now) + Self.validity, .latest)
        let last = validUntil.map { clock.venueTime(at: $0) } ?? deadline
        // Whole seconds, cut: never later than was meant, and two at least as Kraken wants.
        let end = Instant(seconds: min(deadline, last).seconds)
        guard end >= clock.venueTime(at: now) + .seconds(2) else { return nil }
        return Request(
          parameters: parameters + [("deadline", "\(end)")],
          validUntil: end - clock.offset + clock.uncertainty)
      }
      guard let answer else { return nil }
      if case .tooLate = answer.verdict {
        reading.withLock { $0 = nil }
        if !isLast { continue }
      }
      return answer
    }
    return nil
  }

  /// Sends what has an effect and no deadline, once.
  func send(_ method: String, _ parameters: [(String, String)]) async throws -> Answer {
    let answer = try await call(method, weight: 0) { now in
      Request(parameters: parameters, validUntil: now + Self.timeout)
    }
    guard let answer else {
      preconditionFailure("without a time it may act in nothing is too late")
    }
    return answer
  }

  /// Asks a question, again where it may be; nil where there is no such order.
  func ask(
    _ method: String, _ parameters: [(String, String)], weight: Int = 1
  ) async throws -> JSONValue? {
    var attempt = 1
    while true {
      let fault: Fault
      let answer = try await call(method, weight: weight) { now in
        Request(parameters: parameters, validUntil: now)
      }
      switch answer?.verdict {
      case .done(let reply)?: return reply
      case .noOrder?: return nil
      case .refused(_, let told)?: throw told
      case .notDone(let told)?: throw told
      case .staleNonce(let told)?, .tooLate(let told)?: fault = told
      case .unknown(let cause)?:
        fault = Fault(
          "ask", "\(HTTPAddress.told(baseURL))/0/private/\(method)", cause: cause,
          remedy: "wait; the fault is on the other side", exit: .unavailable, isTransient: true)
      case nil: preconditionFailure("a question has no time to be late for")
      }
      guard attempt < Self.questionAttempts else { throw fault }
      try await time.sleep(for: .milliseconds(250) * Int64(attempt))
      attempt += 1
    }
  }

  private struct Request {
    let parameters: [(String, String)]
    let validUntil: Instant
  }

  /// One call, when the key is free and its counter has room. What is asked for is made when its turn has
  /// come; nil where that is too late.
  private func call(
    _ method: String, weight: Int, _ make: (Instant) -> Request?
  ) async throws -> Answer? {
    let path = "/0/private/\(method)"
    var waited = TimeSpan.zero
    while true {
      var wait = Self.pause
      if let hold = try keeper.take() {
        defer { hold.release() }
        var state = hold.state
        if let room = state.count(weight, at: time.now) {
          wait = room
        } else {
          let now = time.now
          guard let request = make(now) else { return nil }
          let nonce = "\(state.nextNonce(at: now))"
          try hold.write(state)
          let signed = self.request(path, nonce, request.parameters, weight)
          spending.withLock { $0 += weight }
          let outcome = await transport.outcome(of: signed)
          let verdict = KrakenVerdict(outcome, to: signed)
          if case .notDone(let fault) = verdict, fault.cause.hasPrefix("EAPI:Rate limit") {
            state.fill(at: time.now)
            try hold.write(state)
          }
          return Answer(verdict: verdict, sent: now, validUntil: request.validUntil)
        }
      }
      guard waited + wait <= Self.longestWait else {
        throw Fault(
          "ask", "\(HTTPAddress.told(baseURL))\(path)",
          cause: "the key was in use, or its calls used up, for \(waited)",
          remedy: "give each program a key of its own, and rebalance less often", exit: .tryAgain,
          isTransient: true)
      }
      try await time.sleep(for: wait)
      waited = waited + wait
    }
  }

  private func request(
    _ path: String, _ nonce: String, _ parameters: [(String, String)], _ weight: Int
  ) -> HTTPRequest {
    let body = QueryText.text([("nonce", nonce)] + parameters)
    var request = HTTPRequest(
      baseURL + path, method: "POST",
      headers: [
        HTTPField("API-Key", key.id.reveal { $0 }),
        HTTPField("API-Sign", key.signature(of: path, nonce: nonce, body: body)),
        HTTPField("Content-Type", "application/x-www-form-urlencoded"),
      ], body: Array(body.utf8), timeout: Self.timeout,
      maximumBodyBytes: KrakenReply.maximumBytes)
    request.urgency = .order
    // The budget is that of public calls; these have the key's own counter.
    request.weight = 0
    return request
  }

  /// Asks what anybody may ask.
  func open(_ method: String, _ parameters: [(String, String)]) async throws -> JSONValue {
    let query = parameters.isEmpty ? "" : "?\(QueryText.text(parameters))"
    var request = HTTPRequest(
      "\(baseURL)/0/public/\(method)\(query)", maximumBodyBytes: KrakenReply.maximumBytes)
    request.urgency = .order
    let response = try await transport.send(request)
    return try KrakenMarket.result(response, to: request)
  }
}
