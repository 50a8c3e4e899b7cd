public import Domain

/// Sends HTTP requests: the network in production, an exchange inside the process in tests.
public protocol HTTPTransport: Sendable {
  /// Sends a request and waits for the whole answer, whatever its status.
  ///
  /// - Throws: `Fault` when there is no answer: transient when the host cannot be reached, breaks
  ///   off or takes too long; permanent for a bad URL, a failed TLS verification or a body over the
  ///   limit. `CancellationError` when the task was cancelled.
  func send(_ request: HTTPRequest) async throws -> HTTPResponse

  /// Sends a request and tells what became of it; for what must not be repeated by guess. A
  /// cancelled task is told like any other failure.
  func outcome(of request: HTTPRequest) async -> HTTPOutcome
}

extension HTTPTransport {
  /// What `send` tells: where it throws, the request may have been sent.
  public func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    do {
      return .answered(try await send(request))
    } catch let fault as Fault {
      return .unanswered(fault)
    } catch {
      return .unanswered(request.cutShort)
    }
  }
}

extension HTTPRequest {
  /// The fault of a request whose task was cancelled.
  var cutShort: Fault {
    Fault("ask", place, cause: "the wait for the answer was cut short", exit: .unavailable)
  }
}

/// What is asked.
public struct HTTPRequest: Hashable, Sendable {
  /// `GET`, `POST` and so on.
  public var method: String
  /// The absolute address, `http` or `https`.
  public var url: String
  /// Header fields in order.
  public var headers: [HTTPField]
  /// What is sent along; nil for none.
  public var body: [UInt8]?
  /// The time for the whole exchange.
  public var timeout: TimeSpan
  /// The time for making the connection.
  public var connectTimeout: TimeSpan
  /// The largest answer that is taken, after decompression.
  public var maximumBodyBytes: Int
  /// Whether sending it twice does what sending it once does. Only such a request is ever repeated, and
  /// only such a one goes out on a connection that was used before, where libcurl itself repeats what
  /// got no answer.
  public var isIdempotent: Bool
  /// How much it matters: orders do not wait behind candles.
  public var urgency: RateBudget.Urgency = .data
  /// What it costs of the venue's budget.
  public var weight = 1

  /// The time for the whole exchange unless a request says otherwise.
  public static let defaultTimeout = TimeSpan.seconds(20)
  /// The time for making the connection unless a request says otherwise.
  public static let defaultConnectTimeout = TimeSpan.seconds(5)
  /// The largest answer unless a request says otherwise: 8 MiB.
  public static let defaultMaximumBodyBytes = 8 << 20

  /// A request for an address; `GET` and `HEAD` are idempotent unless it is said otherwise.
  public init(
    _ url: String, method: String = "GET", headers: [HTTPField] = [], body: [UInt8]? = nil,
    timeout: TimeSpan = defaultTimeout, connectTimeout: TimeSpan = defaultConnectTimeout,
    maximumBodyBytes: Int = defaultMaximumBodyBytes, isIdempotent: Bool? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.maximumBodyBytes = maximumBodyBytes
    self.isIdempotent = isIdempotent ?? (method == "GET" || method == "HEAD")
  }

  /// The address without what may be secret in it, for faults and logs.
  public var place: String { HTTPAddress.told(url) }
}

/// One header field.
public struct HTTPField: Hashable, Sendable {
  /// The name; case does not matter.
  public var name: String
  /// The value.
  public var value: String

  /// A field of this name.
  public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

/// What is answered.
public struct HTTPResponse: Hashable, Sendable {
  /// The status code.
  public var status: Int
  /// The header fields in order.
  public var headers: [HTTPField]
  /// The body, decompressed.
  public var body: [UInt8]

  /// A response of these parts.
  public init(status: Int, headers: [HTTPField] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first header of a name, whatever its case.
  public func header(_ name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name.lowercased() == name }?.value
  }
}
