import Domain
import Hummingbird
import NIOCore

/// What the server answers: probes for whoever restarts or pages, metrics, and pages for people.
struct WebRoutes: Sendable {
  private let readings: ServiceReadings
  private let requests = RequestCounter()
  private let door: WebDoor

  init(_ readings: ServiceReadings, door: WebDoor) {
    (self.readings, self.door) = (readings, door)
  }

  /// The router with all routes; whatever is not among them counts as one.
  func router() -> Router<WebContext> {
    let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
    for path: RouterPath in ["/livez", "/health/live"] { add(path, to: router, live) }
    for path: RouterPath in ["/readyz", "/health/ready"] { addReadiness(path, to: router) }
    add("/health", to: router, health)
    // Who only looks would tell each figure of the service a second time.
    if !readings.isObserver { add("/metrics", to: router, metrics) }
    DashboardRoutes(readings, door, requests).add(to: router)
    // After all routes, so that it is asked about what is none of them.
    router.add(middleware: NoRoute(requests: requests))
    return router
  }

  private func add(
    _ path: RouterPath, to router: Router<WebContext>,
    _ answer: @escaping @Sendable (Request) async throws -> Response
  ) {
    router.get(path) { [requests, readings] request, _ -> Response in
      let begun = readings.uptime
      let response: Response
      do {
        response = try await answer(request)
      } catch let fault as Fault {
        response = Self.text(.serviceUnavailable, "\(fault)\n")
      }
      requests.add(path.description, response.status.code, took: readings.uptime - begun)
      return response
    }
  }

  /// Whether the loop turns. It asks nobody, so that a slow disk restarts nothing.
  private func live(_ request: Request) async throws -> Response {
    if let stillness = readings.stillness {
      return Self.text(.serviceUnavailable, stillness + "\n")
    }
    return Self.text(.ok, "ok\n")
  }

  /// Whether it can do its work: not before it has begun, and not once it drains. Each check with its
  /// answer for who accepts JSON.
  private func addReadiness(_ path: RouterPath, to router: Router<WebContext>) {
    router.get(path) { [requests, readings] request, _ -> Response in
      let begun = readings.uptime
      var response: Response
      do {
        let checks = try await readings.readiness()
        let reason = checks.first { $0.reason != nil }?.reason
        let status: HTTPResponse.Status = reason == nil ? .ok : .serviceUnavailable
        response =
          request.headers[.accept]?.contains("application/json") == true
          ? Self.response(status, "application/json", Self.json(checks).text() + "\n")
          : Self.text(status, (reason ?? "ready") + "\n")
      } catch let fault as Fault {
        response = Self.text(.serviceUnavailable, "\(fault)\n")
      }
      requests.add(path.description, response.status.code, took: readings.uptime - begun)
      return response
    }
  }

  private static func json(_ checks: [Readiness]) -> JSONValue {
    .object([
      .init("schema", .string("carillon.ready/1")),
      .init("ready", .bool(checks.allSatisfy { $0.reason == nil })),
      .init(
        "checks",
        .array(
          checks.map {
            .object([
              .init("check", .string($0.check)), .init("ready", .bool($0.reason == nil)),
              .init("reason", .text($0.reason)), .init("note", .text($0.note)),
            ])
          })),
    ])
  }

  /// Whether work is being done.
  private func health(_ request: Request) async throws -> Response {
    let report = try await readings.health()
    let body = report.json(version: readings.version).text(indented: true) + "\n"
    return Self.response(
      report.status == .fail ? .serviceUnavailable : .ok, HealthReport.mediaType, body)
  }

  private func metrics(_ request: Request) async throws -> Response {
    var facts = try await readings.metricsFacts()
    (facts.requests, facts.answers) = (requests.all, requests.durations)
    let format = MetricsFormat(accept: request.headers[.accept])
    var response = Self.response(.ok, format.mediaType, facts.page(format))
    response.headers[.vary] = "Accept"
    return response
  }

  /// The answer to a request for a name that is not this server's.
  static var misdirected: Response {
    text(
      .misdirectedRequest,
      "this is carillon, but not by that name; add it to the settings: web: { hosts: [NAME] }\n")
  }

  private static func text(_ status: HTTPResponse.Status, _ body: String) -> Response {
    response(status, "text/plain; charset=utf-8", body)
  }

  private static func response(
    _ status: HTTPResponse.Status, _ type: String, _ body: String
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
