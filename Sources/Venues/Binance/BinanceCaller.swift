import Domain
import Exchange
import Net
import Synchronization

/// Asks Binance on behalf of an account: signs, keeps the venue's clock in view, and asks questions
/// again. What may have an effect is sent once.
final class BinanceCaller: Sendable {
  /// For how long a request is valid by the venue's clock.
  static let validity = TimeSpan.seconds(5)
  /// The most that the venue allows.
  static let longestValidity = TimeSpan.seconds(60)
  /// Binance waits ten seconds for its matching engine before it says that it does not know.
  static let timeout = TimeSpan.seconds(15)
  /// How often a question is asked.
  static let questionAttempts = 3

  private let transport: any HTTPTransport
  private let baseURL: String
  private let key: BinanceKey
  private let time: any TimeSource
  private let replies: BinanceReplies
  private let reading = Mutex<VenueClock?>(nil)
  private let spending = Mutex(0)

  init(
    transport: any HTTPTransport, baseURL: String, key: BinanceKey, time: any TimeSource,
    replies: BinanceReplies
  ) {
    self.transport = transport
    self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    self.key = key
    self.time = time
    self.replies = replies
  }

  /// The weight of all that was asked and sent.
  var spent: Int { spending.withLock { $0 } }

  /// Our clock.
  var now: Instant { time.now }

  /// A request that proves who asks.
  struct Signed {
    let request: HTTPRequest
    let sent: Instant
    /// Until when it may act, by our clock.
    let validUntil: Instant
  }

  /// The venue's time now.
  func venueTime() async throws -> Instant { try await clock().venueTime(at: time.now) }

  /// The venue's clock beside ours, read anew when the last reading is too old.
  func clock() async throws -> VenueClock {
    if let known = reading.withLock({ $0 }), !known.isStale(at: time.now) { return known }
    let sent = time.now
    let reply = try await open("/api/v3/time", weight: 1, maximumBodyBytes: 64 << 10)
    let told = reply["serverTime"]?.int64.flatMap { Instant(told: $0) }
    guard let told, let reading = VenueClock(venue: told, sent: sent, answered: time.now) else {
      throw replies.defect("its serverTime is no time in milliseconds")
    }
    self.reading.withLock { $0 = reading }
    return reading
  }

  /// A signed request; nil where the time that it may act in has passed.
  func signed(
    _ method: String, _ path: String, _ parameters: [(String, String)], weight: Int,
    validUntil: Instant? = nil
  ) async throws -> Signed? {
    let clock = try await clock()
    let now = time.now
    let validity = min(
      validUntil.map { $0 - now } ?? Self.validity,
      validUntil == nil ? Self.validity : Self.longestValidity)
    guard validity > .zero else { return nil }
    if method == "POST", clock.uncertainty.milliseconds * 2 > validity.milliseconds {
      reading.withLock { $0 = nil }
      throw Fault(
        "time an order", HTTPAddress.told(baseURL),
        cause:
          "its clock is known to \(clock.uncertainty) only, and orders are valid for \(validity)",
        remedy: "look at the network: answers take too long", exit: .unavailable, isTransient: true)
    }
    let query = QueryText.text(
      parameters + [
        ("recvWindow", "\(validity.milliseconds)"),
        ("timestamp", "\(clock.venueTime(at: now).milliseconds)"),
      ])
    let signature = PercentEncoding.encoded(key.signature(of: query))
    let (isBody, text) = (method == "POST", "\(query)&signature=\(signature)")
    var request = HTTPRequest(
      isBody ? baseURL + path : "\(baseURL)\(path)?\(text)", method: method,
      headers: [HTTPField("X-MBX-APIKEY", key.id.reveal { $0 })],
      body: isBody ? Array(text.utf8) : nil, timeout: Self.timeout)
    if isBody {
      request.headers.append(HTTPField("Content-Type", "application/x-www-form-urlencoded"))
    }
    request.urgency = .order
    request.weight = weight
    // The venue's clock may be behind what we take it for: by no more than is known of it.
    return Signed(request: request, sent: now, validUntil: now + validity + clock.uncertainty)
  }

  /// Asks a question, again where it may be; nil where there is no such order.
  func ask(
    _ path: String, _ parameters: [(String, String)], weight: Int
  ) async throws -> JSONValue? {
    var attempt = 1
    while true {
      guard let signed = try await signed("GET", path, parameters, weight: weight) else {
        preconditionFailure("a question has no time to be late for")
      }
      let fault: Fault
      switch await verdict(on: signed) {
      case .done(let reply): return reply
      case .noOrder: return nil
      case .refused(let reason), .declined(let reason):
        throw Fault(
          "ask", signed.request.place, cause: reason.description,
          remedy: "check the key and its permissions", exit: .refused)
      case .duplicate: throw replies.defect("a question is answered like an order")
      case .notDone(let told), .outsideOfWindow(let told):
        guard told.isTransient, (told.retryAfter ?? .zero) <= .seconds(1) else { throw told }
        fault = told
      case .unknown(let cause):
        fault = Fault(
          "ask", signed.request.place, cause: cause, remedy: "wait; the fault is on the other side",
          exit: .unavailable, isTransient: true)
      }
      guard attempt < Self.questionAttempts else { throw fault }
      try await time.sleep(for: .milliseconds(250) * Int64(attempt))
      attempt += 1
    }
  }

  /// Signs and sends a request that may have an effect, once, and says what the answer means; nil where
  /// the time that it may act in has passed. What was refused for its time certainly had none: then the
  /// venue's clock is read anew, and it is sent once more.
  func send(
    _ method: String, _ path: String, _ parameters: [(String, String)], weight: Int,
    validUntil: Instant? = nil
  ) async throws -> (signed: Signed, verdict: BinanceVerdict)? {
    for isLast in [false, true] {
      let signed = try await signed(
        method, path, parameters, weight: weight, validUntil: validUntil)
      guard let signed else { return nil }
      let verdict = await verdict(on: signed)
      if case .outsideOfWindow = verdict, !isLast { continue }
      return (signed, verdict)
    }
    return nil
  }

  private func verdict(on signed: Signed) async -> BinanceVerdict {
    spending.withLock { $0 += signed.request.weight }
    let verdict = BinanceVerdict(await transport.outcome(of: signed.request), to: signed.request)
    if case .outsideOfWindow = verdict { reading.withLock { $0 = nil } }
    return verdict
  }

  /// Asks what anybody may ask.
  func open(_ path: String, weight: Int, maximumBodyBytes: Int) async throws -> JSONValue {
    var request = HTTPRequest(baseURL + path, maximumBodyBytes: maximumBodyBytes)
    request.weight = weight
    spending.withLock { $0 += weight }
    let response = try await transport.send(request)
    guard response.status == 200 else { throw BinanceError(response, to: request).fault }
    return try replies.json(response)
  }
}
