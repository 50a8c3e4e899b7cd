public import Domain
import Synchronization

/// What passed between us and the exchanges since the process started: how many requests, with what
/// result, how long they took, and how far apart the clocks are.
///
/// Endpoints are told apart by method and path, without the query; of each venue so many at most that
/// nothing can make the figures grow without end.
public final class ExchangeMeter: Sendable {
  /// What became of a request.
  public enum Result: String, CaseIterable, Sendable {
    /// It was answered, below 400.
    case ok
    /// The venue asks for fewer requests (429, 418).
    case limited
    /// The venue refuses it (any other 4xx).
    case rejected
    /// The venue is in trouble (5xx).
    case failed
    /// It went out, and no answer came in time.
    case unanswered
    /// It never went out.
    case unsent
  }

  /// A kind of request to a venue.
  public struct Call: Hashable, Comparable, Sendable {
    /// The venue's name in the settings.
    public var venue: String
    /// Method and path: `GET /api/v3/klines`.
    public var endpoint: String

    /// A kind of request.
    public init(venue: String, endpoint: String) {
      (self.venue, self.endpoint) = (venue, endpoint)
    }

    /// By venue, then endpoint.
    public static func < (a: Call, b: Call) -> Bool {
      (a.venue, a.endpoint) < (b.venue, b.endpoint)
    }
  }

  /// What became of requests of a kind.
  public struct Figures: Hashable, Sendable {
    /// How many ended so.
    public var results: [Result: Int] = [:]
    /// How long they took, from sending to the end of the answer.
    public var durations = Histogram(boundsMilliseconds: Histogram.exchangeBoundsMilliseconds)

    /// Nothing yet.
    public init() {}
  }

  /// Of a venue so many endpoints are told apart; what comes beyond is `other`.
  public static let maximumEndpoints = 64

  private let venues: [(address: String, name: String)]
  private let state = Mutex(State())

  private struct State {
    var calls: [Call: Figures] = [:]
    var endpoints: [String: Int] = [:]
    var skews: [String: TimeSpan] = [:]
  }

  /// A meter of venues.
  ///
  /// - Parameter venues: the address of each venue by its name; requests to elsewhere are not counted.
  public init(venues: [String: String]) {
    // The longest first, so that of two addresses that begin alike the nearer one counts.
    self.venues = venues.map { (address: $0.value, name: $0.key) }
      .sorted { ($1.address.utf8.count, $0.name) < ($0.address.utf8.count, $1.name) }
  }

  /// All figures, by kind of request.
  public var calls: [Call: Figures] { state.withLock { $0.calls } }

  /// How far the clock of this machine is ahead of each venue's at least, as their answers say; zero
  /// where what is said fits.
  public var skews: [String: TimeSpan] { state.withLock { $0.skews } }

  /// Counts a request.
  ///
  /// - Parameters:
  ///   - request: what was asked.
  ///   - result: what became of it.
  ///   - response: the answer, if there was one.
  ///   - took: how long it took.
  ///   - now: the time of this machine at its end.
  func note(
    _ request: HTTPRequest, _ result: Result, _ response: HTTPResponse?, took: TimeSpan,
    now: Instant
  ) {
    guard let venue = venues.first(where: { request.url.hasPrefix($0.address) }) else { return }
    let path = request.url.dropFirst(venue.address.count).prefix { $0 != "?" && $0 != "#" }
    var call = Call(venue: venue.name, endpoint: "\(request.method) \(path.isEmpty ? "/" : path)")
    let skew = response.flatMap { Self.skew(of: $0, begun: now - took, ended: now) }
    state.withLock { state in
      if state.calls[call] == nil {
        if state.endpoints[venue.name, default: 0] >= Self.maximumEndpoints {
          call.endpoint = "other"
        } else {
          state.endpoints[venue.name, default: 0] += 1
        }
      }
      state.calls[call, default: Figures()].results[result, default: 0] += 1
      if result != .unsent { state.calls[call, default: Figures()].durations.observe(took) }
      if let skew { state.skews[venue.name] = skew }
    }
  }

  /// How far our clock is ahead of the one that dated an answer, at least; nil where none did.
  ///
  /// A date has whole seconds: it stands for the second that it begins, and was written at some time
  /// between the question and the end of the answer. What a cache kept (`Age`) says nothing.
  static func skew(of response: HTTPResponse, begun: Instant, ended: Instant) -> TimeSpan? {
    guard response.header("Age") == nil,
      let told = response.header("Date").flatMap(HTTPDate.instant)
    else { return nil }
    if ended < told { return ended - told }
    let end = told + .seconds(1)
    return begun > end ? begun - end : .zero
  }
}

/// Counts what passes through another transport.
public struct MeteredTransport: HTTPTransport {
  private let base: any HTTPTransport
  private let meter: ExchangeMeter
  private let time: any TimeSource

  /// A transport over another one whose requests a meter counts.
  public init(_ base: any HTTPTransport, meter: ExchangeMeter, time: any TimeSource) {
    (self.base, self.meter, self.time) = (base, meter, time)
  }

  /// Sends a request and counts it.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let begun = time.uptime
    do {
      let response = try await base.send(request)
      answered(request, response, begun)
      return response
    } catch {
      note(request, .unanswered, nil, begun)
      throw error
    }
  }

  /// Sends a request, counts it and tells what became of it.
  public func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    let begun = time.uptime
    let outcome = await base.outcome(of: request)
    switch outcome {
    case .answered(let response): answered(request, response, begun)
    case .refused, .notSent: note(request, .unsent, nil, begun)
    case .unanswered: note(request, .unanswered, nil, begun)
    }
    return outcome
  }

  private func answered(_ request: HTTPRequest, _ response: HTTPResponse, _ begun: TimeSpan) {
    let result: ExchangeMeter.Result =
      switch response.status {
      case 429, 418: .limited
      case 500...: .failed
      case 400...: .rejected
      default: .ok
      }
    note(request, result, response, begun)
  }

  private func note(
    _ request: HTTPRequest, _ result: ExchangeMeter.Result, _ response: HTTPResponse?,
    _ begun: TimeSpan
  ) {
    meter.note(request, result, response, took: time.uptime - begun, now: time.now)
  }
}
