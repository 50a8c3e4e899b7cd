public import Domain
import Hummingbird
public import Logging
import Venues

/// The exchange in the box: Binance Spot's public endpoints on loopback, served from candle files,
/// so that the client for the real exchange is exercised end to end without a network.
///
/// Its rows are all those of the files, whatever the time: who reads it asks for closed candles of
/// a time that may be long past.
public struct ExchangeServer: Sendable {
  /// What an exchange may be told.
  public struct Options: Sendable {
    /// The folder of candle files.
    public var candles: String
    /// The address to listen on.
    public var host: String
    /// The port; 0 for any that is free.
    public var port: Int
    /// The request weight that one minute allows; nil for no limit, which a run in simulated time
    /// needs, since it asks for weeks of candles within seconds.
    public var weightPerMinute: Int?

    /// Options of these parts.
    public init(
      candles: String, host: String = "127.0.0.1", port: Int = 0,
      weightPerMinute: Int? = ExchangeEndpoints.binanceWeightPerMinute
    ) {
      self.candles = candles
      self.host = host
      self.port = port
      self.weightPerMinute = weightPerMinute
    }
  }

  private let options: Options
  private let endpoints: ExchangeEndpoints
  private let logger: Logger

  /// Reads the candle files.
  ///
  /// - Throws: `Fault` when there are none, or one is not a candle file.
  public init(_ options: Options, time: any TimeSource, logger: Logger) throws {
    self.options = options
    self.logger = logger
    endpoints = try ExchangeEndpoints(
      candles: options.candles, weightPerMinute: options.weightPerMinute, time: time)
    for series in endpoints.available where series.rejected > 0 {
      logger.warning(
        "rows that are not candles are not served",
        metadata: ["series": "\(series.series)", "rows": "\(series.rejected)"])
    }
  }

  /// Serves until the task is cancelled, or, in a service group, until its graceful shutdown.
  /// `whenListening` is told the port once requests are answered.
  ///
  /// - Throws: `Fault` when the port cannot be had.
  public func run(
    whenListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) async throws {
    try await listening { try await application(whenListening).run() }
  }

  /// Serves until one of SIGINT and SIGTERM comes: the life of `carillon exchange`.
  ///
  /// - Throws: `Fault` when the port cannot be had.
  public func runUntilSignal(
    whenListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) async throws {
    try await listening { try await application(whenListening).runService() }
  }

  private func application(
    _ whenListening: @escaping @Sendable (_ port: Int) async -> Void
  ) -> some ApplicationProtocol {
    let router = Router()
    router.get("**") { [endpoints] request, _ -> Response in
      let reply = await endpoints.answer(path: request.uri.path, query: request.uri.query ?? "")
      var headers = HTTPFields()
      for (name, value) in reply.headers {
        if let name = HTTPFields.Element.Name(name) { headers[name] = value }
      }
      return Response(
        status: .init(code: reply.status), headers: headers,
        body: .init(byteBuffer: ByteBuffer(string: reply.body)))
    }
    return Application(
      router: router,
      configuration: .init(
        address: .hostname(options.host, port: options.port), serverName: "carillon-exchange"),
      onServerRunning: { channel in await whenListening(channel.localAddress?.port ?? 0) },
      logger: logger)
  }

  private func listening(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch is CancellationError {
      return
    } catch {
      throw Fault(
        "listen on", "\(options.host):\(options.port)", cause: "\(error)",
        remedy: "choose another --port, or 0 for any that is free", exit: .unavailable)
    }
  }
}
