import CCurl
import Domain
import Glibc
import Synchronization

/// HTTP over libcurl: one thread that owns all transfers and sleeps in `curl_multi_poll`.
///
/// At most `Limits.maximumTransfers` are under way and `Limits.maximumQueued` wait; what comes
/// beyond is refused with exit code 75, so that nothing grows without bound. Cancelling the task
/// aborts its transfer. Connections are kept and used again. Redirects are not followed, and no
/// proxy is used unless one is given, whatever the environment says.
public final class CurlTransport: HTTPTransport {
  /// How much may be under way at once.
  public struct Limits: Hashable, Sendable {
    /// Transfers inside libcurl, whose cost per turn grows with their number.
    public var maximumTransfers: Int
    /// Transfers that wait for one of those to end.
    public var maximumQueued: Int

    /// 64 under way and 1,024 waiting.
    public static let standard = Limits(maximumTransfers: 64, maximumQueued: 1024)

    /// Limits of these numbers.
    public init(maximumTransfers: Int, maximumQueued: Int) {
      self.maximumTransfers = maximumTransfers
      self.maximumQueued = maximumQueued
    }
  }

  private let loop: CurlLoop
  private let thread = Mutex<pthread_t?>(nil)
  private let nextID = Atomic<UInt64>(0)

  /// A transport with a thread of its own.
  ///
  /// - Parameters:
  ///   - userAgent: what it calls itself.
  ///   - proxy: the address of a proxy; nil: none, whatever the environment says.
  ///   - caFile: a file of certificates to trust in the place of the system's.
  ///   - limits: how much may be under way at once.
  /// - Throws: `Fault` when libcurl or the thread cannot be had.
  public init(
    userAgent: String = "carillon", proxy: String? = nil, caFile: String? = nil,
    limits: Limits = .standard
  ) throws {
    loop = try CurlLoop(userAgent: userAgent, proxy: proxy, caFile: caFile, limits: limits)
    var id = pthread_t()
    let argument = Unmanaged.passRetained(loop)
    let result = pthread_create(
      &id, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<CurlLoop>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    guard result == 0 else {
      argument.release()
      throw Fault(
        "start", "the network thread", cause: String(cString: strerror(result)),
        remedy: "raise the limit of processes and threads of this user", exit: .unavailable)
    }
    thread.withLock { $0 = id }
  }

  /// Sends a request; see `HTTPTransport`.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await end(of: request).result.get()
  }

  /// Sends a request, and tells what became of it; see `HTTPTransport`.
  public func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    let end = await end(of: request)
    switch end.result {
    case .success(let response): return .answered(response)
    case .failure(let error):
      let fault = error as? Fault ?? request.cutShort
      return switch end.stage {
      case .refused: .refused(fault)
      case .notSent: .notSent(fault)
      case .sent: .unanswered(fault)
      }
    }
  }

  private func end(of request: HTTPRequest) async -> CurlTransfer.End {
    let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
    defer { loop.forget(id) }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.submit(
          CurlTransfer(
            id: id, request: request, now: SystemTime().uptime, continuation: continuation))
      }
    } onCancel: {
      loop.cancel(id)
    }
  }

  /// Aborts what is under way, ends the thread and waits for it. What is sent afterwards fails.
  public func shutdown() {
    loop.stop()
    let id = thread.withLock { id in
      defer { id = nil }
      return id
    }
    if let id { pthread_join(id, nil) }
  }

  deinit { shutdown() }
}
