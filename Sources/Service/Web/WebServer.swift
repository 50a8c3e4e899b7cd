import Dispatch
public import Domain
import Glibc
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The HTTP server of `carillon run`: probes and metrics, on one thread for the network.
///
/// It starts or says why it cannot; when it fails later, that is logged, and the scheduler goes on.
public final class WebServer: Sendable {
  /// The port that it listens on.
  public let port: Int
  private let readings: ServiceReadings
  private let task: Task<Void, Never>
  private let group: MultiThreadedEventLoopGroup
  private let service: ServiceGroup
  private let ended: DispatchSemaphore
  private let stopping: Flag

  /// The server listens within so long, or says that it cannot.
  static let startTimeoutSeconds = 60
  /// The header fields of a request, together.
  static let maximumHeaderBytes = 16 * 1024
  /// The number of them.
  static let maximumHeaderFields = 100
  /// The loop of the network outlives its server by so long.
  static let rest = TimeSpan.seconds(5)
  /// At the stop, answers under way have so long.
  static let stopTimeoutMilliseconds = 200

  private init(
    port: Int, readings: ServiceReadings, task: Task<Void, Never>,
    group: MultiThreadedEventLoopGroup, service: ServiceGroup, ended: DispatchSemaphore,
    stopping: Flag
  ) {
    (self.port, self.readings, self.task, self.group) = (port, readings, task, group)
    (self.service, self.ended, self.stopping) = (service, ended, stopping)
  }

  /// Listens; returns when requests are answered. It blocks the calling thread meanwhile.
  ///
  /// - Parameters:
  ///   - bind: the address to listen on.
  ///   - port: the port; 0 takes a free one.
  ///   - hosts: names that requests may ask for, beside addresses and names without a dot.
  ///   - door: who sees the pages.
  ///   - openFiles: the limit of open files.
  ///   - readings: what it serves; stopped with it.
  /// - Throws: exit 69 when the address or port cannot be had.
  public static func start(
    bind: String, port: Int, hosts: [String] = [], door: WebDoor = WebDoor(),
    openFiles: Int? = nil,
    readings: ServiceReadings, log: Logger
  ) throws(Fault) -> WebServer {
    let crowd = ConnectionCrowd(
      limit: ConnectionCrowd.places(openFiles: openFiles ?? ConnectionCrowd.openFiles))
    let rule = HostRule(bind: bind, names: hosts)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let (started, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    var quiet = log
    quiet.logLevel = max(log.logLevel, .warning)
    let (start, stopping) = (Start(), Flag())
    let server: any Service
    do {
      server = try HTTPServerBuilder.http1(configuration: configuration(crowd)).buildServer(
        configuration: .init(address: .hostname(bind, port: port)), eventLoopGroup: group,
        logger: quiet, responder: responder(readings, rule, door: door, log: quiet),
        onServerRunning: { channel in
          start.outcome.withLock { $0 = .listening(channel.localAddress?.port ?? port) }
          started.signal()
        })
    } catch {
      throw fault(of: error, bind, port)
    }
    let service = ServiceGroup(
      configuration: .init(services: [.init(service: server)], logger: quiet))
    let task = Task.detached {
      do {
        try await service.run()
        if !stopping.isSet.load(ordering: .relaxed) {
          log.error("the HTTP server has ended; the scheduler goes on")
        }
      } catch {
        let isStart = start.outcome.withLock { state in
          guard case .waiting = state else { return false }
          state = .failed(fault(of: error, bind, port))
          return true
        }
        if isStart {
          started.signal()
        } else if !stopping.isSet.load(ordering: .relaxed) {
          log.error("the HTTP server has failed, the scheduler goes on: \(error)")
        }
      }
      ended.signal()
    }
    if started.wait(timeout: .now() + .seconds(startTimeoutSeconds)) == .timedOut {
      throw Fault(
        "listen on", "\(authority(bind)):\(port)",
        cause: "the server has not started within \(startTimeoutSeconds) s",
        remedy: "raise the limits of memory and processes (ulimit -a), or run with --no-web",
        exit: .unavailable)
    }
    switch start.outcome.withLock({ $0 }) {
    case .listening(let port):
      log.notice(
        "listening", metadata: ["address": "http://\(authority(bind)):\(port)"])
      return WebServer(
        port: port, readings: readings, task: task, group: group, service: service, ended: ended,
        stopping: stopping)
    case .failed(let fault):
      readings.stop()
      throw fault
    case .waiting:
      preconditionFailure("the start signals after it left its outcome")
    }
  }

  private static func configuration(_ crowd: ConnectionCrowd) -> HTTP1Channel.Configuration {
    .init(
      additionalChannelHandlers: [crowd.handler()],
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: maximumHeaderBytes, maxHeaderListSize: maximumHeaderBytes,
        maxHeaderFieldCount: maximumHeaderFields))
  }

  /// Answers requests by the routes. Hummingbird's `Application` would do the same, but keeps a
  /// clock for the `Date` field that wakes the process five times a second.
  private static func responder(
    _ readings: ServiceReadings, _ rule: HostRule, door: WebDoor, log: Logger
  ) -> HTTPChannelHandler.Responder {
    let routes = WebRoutes(readings, door: door).router().buildResponder()
    return { request, writer, channel in
      let context = WebContext(
        source: ApplicationRequestContextSource(channel: channel, logger: log))
      var response: Response
      do {
        response =
          rule.allows(request.head.authority)
          ? try await routes.respond(to: request, context: context)
          : WebRoutes.misdirected
      } catch {
        log.error("a request failed: \(error)")
        response = Response(status: .internalServerError)
      }
      response.headers[.date] = readings.now.httpDate
      response.headers[.server] = "carillon"
      PageHeaders.set(on: &response)
      try await writer.write(response: response.head, body: response.body)
    }
  }

  /// Stops answering. The database may be closed afterwards.
  public func stop() {
    stopping.isSet.store(true, ordering: .relaxed)
    Task.detached { [service] in await service.triggerGracefulShutdown() }
    // Connections at rest are closed at once; what is asked just now has a moment.
    func hasEnded() -> Bool {
      ended.wait(timeout: .now() + .milliseconds(Self.stopTimeoutMilliseconds)) == .success
    }
    var isOver = hasEnded()
    if !isOver {
      task.cancel()
      isOver = hasEnded()
    }
    readings.stop()
    // A loop that still serves must not be shut down under its server: the process ends it. Nor may one
    // whose connections have just been let go, since what is left of them still asks the loop for a turn.
    guard isOver else { return }
    Task.detached { [group] in
      do { try await SystemTime().sleep(for: Self.rest) } catch { return }  // nobody cancels it
      group.shutdownGracefully { _ in }
    }
  }

  /// Whether the server was told to stop, so that its end is no news.
  private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
  }

  /// How the start went, told from the task to who waits for it.
  private final class Start: Sendable {
    enum Outcome {
      case waiting
      case listening(Int)
      case failed(Fault)
    }

    let outcome = Mutex(Outcome.waiting)
  }

  /// An address as it stands in a URL: in brackets when it is of version 6.
  private static func authority(_ host: String) -> String {
    host.contains(":") ? "[\(host)]" : host
  }

  private static func fault(
    of error: any Error, _ bind: String, _ port: Int
  ) -> Fault {
    let place = "\(authority(bind)):\(port)"
    func fault(_ cause: String, _ remedy: String) -> Fault {
      Fault("listen on", place, cause: cause, remedy: remedy, exit: .unavailable)
    }
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE:
      return fault(
        "another process listens there",
        "stop it (ss -ltnp shows it), or take another port: CARILLON_WEB__PORT=\(freePort(port)),"
          + " or `web: { port: ... }` in the settings, or --no-web")
    case EADDRNOTAVAIL:
      return fault(
        "this machine has no such address",
        "set `web: { bind: 127.0.0.1 }`, or 0.0.0.0 for all addresses")
    case EACCES:
      return fault(
        "ports below 1024 are for the system's administrator", "take a port like 8787")
    default:
      return fault("\(error)", "check `web` in the settings, or run with --no-web")
    }
  }

  /// A port to propose.
  private static func freePort(_ port: Int) -> Int {
    port < 65_535 ? port + 1 : port - 1
  }
}
