public import Domain
import Exchange
import Hummingbird
public import Logging
import NIOCore
import Synchronization

/// An exchange in the box on a port of this machine: one wire skin behind HTTP.
public final class BoxServer: Sendable {
  /// The longest body that is read, in bytes.
  static let maximumBodyBytes = 1 << 20

  private struct State {
    var skin: any WireSkin
  }

  private let state: Mutex<State>
  private let clock: BoxClock
  private let time: any TimeSource
  private let journal: JournalFile?
  private let logger: Logger
  private let host: String
  private let port: Int

  /// A server of a skin.
  ///
  /// - Parameters:
  ///   - clock: the exchange's clock.
  ///   - time: the machine's.
  ///   - journal: where the record goes; nil: nowhere.
  ///   - port: 0 for any that is free.
  public init(
    _ skin: any WireSkin, clock: BoxClock, time: any TimeSource, journal: JournalFile? = nil,
    host: String = "127.0.0.1", port: Int = 0, logger: Logger
  ) {
    state = Mutex(State(skin: skin))
    self.clock = clock
    self.time = time
    self.journal = journal
    self.host = host
    self.port = port
    self.logger = logger
  }

  /// Serves until the task is cancelled. `whenListening` is told the port once requests are answered.
  ///
  /// - Throws: `Fault` when the port cannot be had.
  public func run(
    whenListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) async throws {
    try await listening { try await application(whenListening).run() }
  }

  /// Serves until one of SIGINT and SIGTERM comes.
  ///
  /// - Throws: `Fault` when the port cannot be had.
  public func runUntilSignal(
    whenListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) async throws {
    try await listening { try await application(whenListening).runService() }
  }

  /// The exchange as it stands: for tests, and for who prints what it did.
  public var floor: TradingFloor { state.withLock { $0.skin.floor } }

  private func application(
    _ whenListening: @escaping @Sendable (_ port: Int) async -> Void
  ) -> some ApplicationProtocol {
    let router = Router(context: BoxContext.self)
    for method in [HTTPRequest.Method.get, .post, .put, .delete] {
      router.on("**", method: method) { [self] request, context in
        try await answer(request, context)
      }
    }
    return Application(
      router: router,
      configuration: .init(address: .hostname(host, port: port), serverName: "carillon-exchange"),
      onServerRunning: { channel in await whenListening(channel.localAddress?.port ?? 0) },
      logger: logger)
  }

  private func answer(_ request: Request, _ context: BoxContext) async throws -> Response {
    let body = try await request.body.collect(upTo: Self.maximumBodyBytes)
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    let asked = WireRequest(
      request.method.rawValue, request.uri.path, query: request.uri.query ?? "",
      headers: headers, body: String(buffer: body))
    return Self.response(try answer(asked))
  }

  /// Asks the skin, and writes the record before anybody hears of the answer.
  private func answer(_ request: WireRequest) throws -> WireReply {
    let machine = time.now
    return try state.withLock { state in
      let reply = state.skin.answer(
        request, at: clock.time(at: machine), machine: machine)
      note(request, reply, &state.skin.floor)
      let lines = state.skin.floor.journal.take()
      if let journal, !lines.isEmpty { try journal.append(lines) }
      return reply
    }
  }

  private func note(_ request: WireRequest, _ reply: WireReply, _ floor: inout TradingFloor) {
    floor.journal.write(
      "call", at: floor.core.now,
      [
        .init("method", .string(request.method)), .init("path", .string(request.path)),
        .init("account", reply.account.map { .string($0) } ?? .null),
        .init("status", .number(reply.status)),
        .init("refusal", reply.refusal.map { .string($0) } ?? .null),
      ])
  }

  private static func response(_ reply: WireReply) -> Response {
    var headers = HTTPFields()
    for (name, value) in reply.headers {
      if let name = HTTPFields.Element.Name(name) { headers[name] = value }
    }
    return Response(
      status: .init(code: reply.status), headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
  }

  private func listening(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch is CancellationError {
      return
    } catch {
      throw Fault(
        "listen on", "\(host):\(port)", cause: "\(error)",
        remedy: "choose another --port, or 0 for any that is free", exit: .unavailable)
    }
  }
}

/// What the server knows of one request: its connection, so that a fault can cut it.
struct BoxContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
