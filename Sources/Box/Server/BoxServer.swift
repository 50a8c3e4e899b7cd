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
    var desk: FaultDesk
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
  ///   - faults: what goes wrong.
  ///   - journal: where the record goes; nil: nowhere.
  ///   - port: 0 for any that is free.
  public init(
    _ skin: any WireSkin, clock: BoxClock, time: any TimeSource, faults: FaultPlan = .none,
    journal: JournalFile? = nil, host: String = "127.0.0.1", port: Int = 0, logger: Logger
  ) {
    state = Mutex(State(skin: skin, desk: FaultDesk(faults)))
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
    let assigned = state.withLock { $0.desk.assign(asked, $0.skin) }
    if assigned.delay > .zero, clock.speed > 0 {
      let span = Double(assigned.delay.milliseconds) / clock.speed
      try await time.sleep(for: .milliseconds(Int64(span.rounded(.up))))
    }
    return try await response(try perform(asked, assigned), context)
  }

  /// Asks the skin, and writes the record before anybody hears of the answer.
  private func perform(
    _ request: WireRequest, _ assigned: FaultDesk.Assignment
  ) throws -> FaultDesk.Delivery {
    let machine = time.now
    return try state.withLock { state in
      let delivery = state.desk.perform(
        request, assigned, &state.skin, at: clock.time(at: machine), machine: machine)
      note(request, assigned, delivery, &state.skin.floor)
      let lines = state.skin.floor.journal.take()
      if let journal, !lines.isEmpty { try journal.append(lines) }
      return delivery
    }
  }

  private func note(
    _ request: WireRequest, _ assigned: FaultDesk.Assignment, _ delivery: FaultDesk.Delivery,
    _ floor: inout TradingFloor
  ) {
    let reply = delivery.reply
    var members: [JSONValue.Member] = [
      .init("call", .string(assigned.callClass)), .init("number", .number(assigned.number)),
      .init("method", .string(request.method)), .init("path", .string(request.path)),
      .init("account", reply?.account.map { .string($0) } ?? .null),
      .init("status", reply.map { .number($0.status) } ?? .null),
      .init("refusal", reply?.refusal.map { .string($0) } ?? .null),
    ]
    if !assigned.faults.isEmpty {
      members.append(
        .init("faults", .array(assigned.faults.map { .string($0.description) })))
    }
    floor.journal.write("call", at: floor.core.now, members)
  }

  /// The answer as it is delivered; a connection that ends without one is closed here.
  private func response(
    _ delivery: FaultDesk.Delivery, _ context: BoxContext
  ) async throws -> Response {
    guard let reply = delivery.reply else {
      try await context.channel.close().get()
      return Response(status: .ok)
    }
    var headers = HTTPFields()
    for (name, value) in reply.headers {
      if let name = HTTPFields.Element.Name(name) { headers[name] = value }
    }
    return Response(
      status: .init(code: reply.status), headers: headers,
      body: body(reply, delivery, context.channel))
  }

  /// Pieces of an answer that comes slowly.
  private static let dripBytes = 64

  private func body(
    _ reply: WireReply, _ delivery: FaultDesk.Delivery, _ channel: any Channel
  ) -> ResponseBody {
    let bytes = reply.body
    if delivery.isTwice {
      // More than was announced: what follows is an answer to a question that nobody has asked.
      let head = "HTTP/1.1 \(reply.status) \r\nContent-Length: \(bytes.count)\r\n\r\n"
      return .init(contentLength: bytes.count) { writer in
        try await writer.write(ByteBuffer(bytes: bytes + Array(head.utf8) + bytes))
        try await writer.finish(nil)
      }
    }
    guard delivery.cutAt != nil || delivery.drip != nil else {
      return .init(byteBuffer: ByteBuffer(bytes: bytes))
    }
    let (cut, drip, time) = (delivery.cutAt, delivery.drip, time)
    return .init(contentLength: bytes.count) { writer in
      let told = bytes.prefix(cut ?? bytes.count)
      let step = drip == nil ? max(told.count, 1) : Self.dripBytes
      for start in stride(from: 0, to: told.count, by: step) {
        if let drip, start > 0 { try await time.sleep(for: drip) }
        try await writer.write(ByteBuffer(bytes: told[start..<min(start + step, told.count)]))
      }
      if cut != nil { try await channel.close().get() }
      try await writer.finish(nil)
    }
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
