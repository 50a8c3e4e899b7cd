import Cryptography
import Domain
import Net
import Synchronization

/// Asks an S3 store: signs, sends, and asks again where that may help.
struct S3Client: Sendable {
  let bucket: S3Bucket
  let signer: SigV4
  let transport: any HTTPTransport
  let time: any TimeSource
  let random: @Sendable () -> Double
  /// How far the store's clock is ahead of ours, once it has said so.
  private let skew = Skew()

  private final class Skew: Sendable {
    let span = Mutex(TimeSpan.zero)
  }

  /// How often one request is sent at most.
  static let maximumAttempts = 7
  private static let firstDelay = TimeSpan.milliseconds(500)
  private static let maximumDelay = TimeSpan.seconds(30)
  /// The time for one request: a part of 16 MiB at 70 kB/s.
  private static let requestTimeout = TimeSpan.minutes(4)
  /// What is taken of an answer beyond the bytes that were asked for.
  private static let answerBytes = 8 << 20

  init(
    bucket: S3Bucket, signer: SigV4, transport: any HTTPTransport, time: any TimeSource,
    random: @escaping @Sendable () -> Double = { Double(RandomBytes.make(1)[0]) / 256 }
  ) {
    (self.bucket, self.signer, self.transport) = (bucket, signer, transport)
    (self.time, self.random) = (time, random)
  }

  /// One request of the store.
  struct Call: Sendable {
    var method: String
    /// The object's key; empty for the bucket.
    var key = ""
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
  }

  /// The answer to a request, once it is one that another attempt does not change.
  ///
  /// - Throws: a transient `Fault` when it stays one that another attempt may.
  func answer(to call: Call) async throws -> S3Reply {
    var failed = 0
    var corrected = false
    while true {
      let trouble: (cause: String, wait: TimeSpan?)
      do {
        let response = try await transport.send(request(call))
        let reply = S3Reply(response)
        switch reply {
        case .denied where call.method == "HEAD" && !corrected && isFarOff(response):
          // An answer to HEAD has no body that would tell why.
          corrected = true
          setClock(by: response)
          continue
        case .again(let cause, let wait): trouble = (cause, wait)
        case .skewed(let theirs):
          guard !corrected, let theirs else { throw clockFault }
          corrected = true
          setClock(to: theirs)
          continue
        default: return reply
        }
      } catch let fault as Fault where fault.isTransient {
        trouble = (fault.cause, fault.retryAfter)
      }
      failed += 1
      guard failed < Self.maximumAttempts else {
        throw fault(
          call, "\(trouble.cause) (attempt \(failed))",
          remedy: "wait; it is sent again by the next run", isTransient: true)
      }
      let longest = min(Self.firstDelay * (1 << Int64(failed - 1)), Self.maximumDelay)
      let jitter = Int64(Double(longest.milliseconds) * (0.5 + random() / 2))
      try await time.sleep(for: max(.milliseconds(jitter), trouble.wait ?? .zero))
    }
  }

  /// So far the store's clock may be from ours before it refuses: S3's own limit is 15 minutes.
  private static let clockLimit = TimeSpan.minutes(10)

  private func isFarOff(_ response: HTTPResponse) -> Bool {
    guard let theirs = response.header("Date").flatMap({ HTTPDate.instant($0) }) else {
      return false
    }
    let ours = time.now + skew.span.withLock { $0 }
    return max(theirs - ours, ours - theirs) > Self.clockLimit
  }

  private func setClock(by response: HTTPResponse) {
    if let theirs = response.header("Date").flatMap({ HTTPDate.instant($0) }) {
      setClock(to: theirs)
    }
  }

  private func setClock(to theirs: Instant) {
    let now = time.now
    skew.span.withLock { $0 = theirs - now }
  }

  /// The answer where only success will do.
  func need(_ call: Call) async throws -> HTTPResponse {
    switch try await answer(to: call) {
    case .done(let response): return response
    case .absent:
      throw fault(
        call, "the store has no such object or bucket",
        remedy: "check url, endpoint and region in `snapshot: { remote }`", exit: .noInput)
    case .denied(let text):
      throw fault(
        call, text, remedy: "check the key and what its policy allows", exit: .refused)
    case .refused(_, let text): throw fault(call, text)
    case .again, .skewed: preconditionFailure("an answer is settled before it is returned")
    }
  }

  func fault(
    _ call: Call, _ cause: String, remedy: String? = nil, exit: ExitCode = .unavailable,
    isTransient: Bool = false
  ) -> Fault {
    Fault(
      "\(call.method) at the remote", "\(bucket.place)/\(call.key)", cause: cause, remedy: remedy,
      exit: exit, isTransient: isTransient)
  }

  private var clockFault: Fault {
    Fault(
      "ask the remote", bucket.place, cause: "it says that this machine's clock is wrong",
      remedy: "set the clock: timedatectl", exit: .unavailable, isTransient: true)
  }

  private func request(_ call: Call) -> HTTPRequest {
    let now = time.now + skew.span.withLock { $0 }
    let hash = SHA256.hexadecimal(call.body ?? [])
    let path = bucket.path(of: call.key)
    var headers =
      call.headers + [
        ("host", bucket.host), ("x-amz-date", SigV4.time(now)), ("x-amz-content-sha256", hash),
      ]
    let authorization = signer.authorization(
      call.method, path: path, query: call.query, headers: headers, payloadSHA256: hash, now: now)
    headers.removeAll { $0.name == "host" }
    var fields = headers.map { HTTPField($0.name, $0.value) }
    fields.append(HTTPField("Authorization", authorization))
    // libcurl would wait for a word of the store before each large body.
    if call.body != nil { fields.append(HTTPField("Expect", "")) }
    let query = SigV4.canonical(call.query)
    var request = HTTPRequest(
      bucket.origin + path + (query.isEmpty ? "" : "?\(query)"), method: call.method,
      headers: fields, body: call.body, timeout: Self.requestTimeout,
      maximumBodyBytes: S3Store.pieceBytes + Self.answerBytes, isIdempotent: true)
    if call.method == "POST", call.body == nil { request.body = [] }
    return request
  }
}
