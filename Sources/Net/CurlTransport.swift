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
  private let thread = Mutex<PlainThread?>(nil)
  private let nextID = Atomic<UInt64>(0)

  /// A transport with a thread of its own.
  ///
  /// - Throws: `Fault` when libcurl or the thread cannot be had.
  public init(
    userAgent: String = "carillon", proxy: String? = nil, limits: Limits = .standard
  ) throws {
    loop = try CurlLoop(userAgent: userAgent, proxy: proxy, limits: limits)
    let running = try PlainThread(isDetached: false) { [loop] in loop.run() }
    thread.withLock { $0 = running }
  }

  /// Sends a request; see `HTTPTransport`.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
    defer { loop.forget(id) }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        loop.submit(CurlTransfer(id: id, request: request, continuation: continuation))
      }
    } onCancel: {
      loop.cancel(id)
    }
  }

  /// Aborts what is under way, ends the thread and waits for it. What is sent afterwards fails.
  public func shutdown() {
    loop.stop()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  deinit { shutdown() }
}
