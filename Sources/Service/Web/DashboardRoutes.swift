import Dashboard
import Domain
import Hummingbird
import HummingbirdCore
import NIOCore

/// The pages for people, what they are made with, and the same answers for machines.
struct DashboardRoutes: Sendable {
  let readings: ServiceReadings
  let door: WebDoor
  let login: LoginDesk?
  let requests: RequestCounter
  private let stream: EventStream

  init(_ readings: ServiceReadings, _ door: WebDoor, _ requests: RequestCounter) {
    (self.readings, self.door, self.requests) = (readings, door, requests)
    if case .users(let users) = door.access {
      login = LoginDesk(users, readings)
    } else {
      login = nil
    }
    stream = EventStream(readings)
  }

  func add(to router: Router<WebContext>) {
    for (path, asset) in Asset.all {
      router.get(RouterPath(path)) { [requests] request, _ -> Response in
        let response = Self.asset(asset, request)
        requests.add("/assets", response.status.code)
        return response
      }
    }
    for (path, route) in PageRoute.all {
      add(path, to: router) { try await page(route, $0) }
    }
    for (path, make) in MachineAnswers.routes {
      let route = OpenAPI.route(path)
      add(path, to: router) { query in
        if let mistake = route?.mistake(query) { return Self.error(.badRequest, mistake) }
        let answer = try await readings.page { try make($0, query) }
        guard let answer else { return Self.json(.notFound, MachineAnswers.notFound) }
        return Self.json(.ok, answer)
      }
    }
    for (path, make) in CSVFiles.routes {
      add(path, to: router) { query in
        guard let text = try await readings.page({ try make($0, query) }) else {
          return Self.response(.notFound, "text/plain; charset=utf-8", "there is no such file\n")
        }
        var response = Self.response(.ok, "text/csv; charset=utf-8", text)
        response.headers[.contentDisposition] = "attachment; filename=\"carillon.csv\""
        return response
      }
    }
    add("/api/v1/openapi.json", to: router) { _ in
      Self.response(.ok, "application/json", OpenAPI.text)
    }
    refuseOtherMethods(router)
    addAnswer("/events", to: router) { query, request in
      stream.response(request, query.session) { try await isStill(request) }
    }
    add("/zone", to: router) { Self.rememberZone($0) }
    // Who only looks at what another does leaves it alone.
    if !readings.isObserver {
      add("/halt", to: router) {
        try await page(PageRoute.halt, $0)
      }
      addMachineActions(to: router)
    }
    guard let login else { return }
    addLogin(login, to: router)
    guard !readings.isObserver else { return }
    addActions(to: router)
  }

  /// What is not asked as it may be asked is told how it may.
  private func refuseOtherMethods(_ router: Router<WebContext>) {
    // QUERY is younger than the names of the types.
    let young = [HTTPRequest.Method("QUERY")].compactMap(\.self)
    let all = [HTTPRequest.Method.get, .post, .put, .delete, .patch, .options, .trace] + young
    let ways =
      (MachineAnswers.routes.map(\.path) + ["/api/v1/openapi.json"]).map {
        ($0, [HTTPRequest.Method.get, .head])
      } + (readings.isObserver ? [] : [("/api/v1/act/:verb", [HTTPRequest.Method.post])])
    for (path, allowed) in ways {
      for method in all where !allowed.contains(method) {
        router.on(RouterPath(path), method: method) { [requests] _, _ -> Response in
          requests.add(path, 405)
          var response = Self.error(.methodNotAllowed, "this is not asked so")
          response.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
          return response
        }
      }
    }
  }

  /// What is answered to who is not logged in.
  private static func unknown(_ path: String) -> Response {
    guard !path.hasPrefix("/api/"), !path.hasPrefix("/csv/"), path != "/events" else {
      return json(
        .unauthorized,
        .object([
          .init("schema", .string("carillon.error/1")), .init("cause", .string("log in at /login")),
        ]))
    }
    return Response(
      status: .seeOther, headers: [.location: "/login", .cacheControl: "no-store"])
  }

  private func add(
    _ path: String, to router: Router<WebContext>,
    _ answer: @escaping @Sendable (PageQuery) async throws -> Response
  ) {
    addAnswer(path, to: router) { query, _ in try await answer(query) }
  }

  private func addAnswer(
    _ path: String, to router: Router<WebContext>,
    _ answer: @escaping @Sendable (PageQuery, Request) async throws -> Response
  ) {
    router.get(RouterPath(path)) {
      [requests, readings, self] request, context -> Response in
      let begun = readings.uptime
      let subject = context.parameters.get("subject").flatMap { PercentEncoding.decoded($0) }
      var query = PageQuery(request, subject: subject)
      let response: Response
      do {
        switch try await entry(request) {
        case .nobody: response = Self.closed(path)
        case .unknown: response = Self.unknown(path)
        case .noSuchToken: response = Self.error(.unauthorized, "there is no such token")
        case .everybody: response = try await answer(query, request)
        case .person(let session):
          query.session = session
          response = try await answer(query, request)
        }
      } catch let fault as Fault {
        response = Self.failed(fault, path)
      }
      requests.add(path, response.status.code, took: readings.uptime - begun)
      return response
    }
  }

  /// Who asks.
  private enum Entry {
    /// Whoever can ask, who must be at this machine.
    case everybody
    /// Who logged in, or shows a token.
    case person(Sessions.Session)
    case noSuchToken
    /// Who is not logged in.
    case unknown
    /// There is no login, and others could ask.
    case nobody
  }

  private func entry(_ request: Request) async throws -> Entry {
    if Self.bearer(request) != nil {
      // Who shows a token comes in by it, or not at all.
      guard let token = try await token(of: request) else { return .noSuchToken }
      return .person(Sessions.Session(user: token.name, mayAct: false, form: "", ends: .zero))
    }
    switch door.access {
    case .everybody: return .everybody
    case .nobody: return .nobody
    case .users:
      if let session = login?.session(request) { return .person(session) }
      if let session = try await login?.sharedSession(request) { return .person(session) }
      return .unknown
    }
  }

  /// Whether who asked may still see pages.
  private func isStill(_ request: Request) async throws -> Bool {
    switch try await entry(request) {
    case .everybody, .person: true
    case .noSuchToken, .unknown, .nobody: false
    }
  }

  private func page(_ route: PageRoute, _ query: PageQuery) async throws -> Response {
    let (status, text) = try await readings.page { source in
      let page = try route.page(source, query)
      return (
        page.isThere ? HTTPResponse.Status.ok : .notFound,
        page.frame.page(page.content, secret: query.session?.form)
      )
    }
    return Self.html(status, text)
  }

  /// Keeps the zone in which this browser shows times, and goes back.
  private static func rememberZone(_ query: PageQuery) -> Response {
    let name = query.values["tz"] ?? "UTC"
    let back = query.values["back"] ?? "/"
    guard let zone = PageQuery.zone(name) else {
      return html(
        .badRequest,
        BarePage.text(
          "No such zone",
          "<p>There is no time zone <q>\(name)</q>. Write it like Europe/Paris or UTC.</p>"))
    }
    let cookie = "tz=\(zone.name); Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly"
    return Response(
      status: .seeOther,
      headers: [
        .location: isPage(back) ? back : "/", .setCookie: cookie, .cacheControl: "no-store",
      ])
  }

  /// Whether an address is one of a page here, and nothing that a header or a browser reads otherwise.
  static func isPage(_ address: String) -> Bool {
    let parts = address.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = parts.first, path.hasPrefix("/"), !path.hasPrefix("//"),
      address.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C })
    else { return false }
    let place = path.dropFirst().prefix { $0 != "/" }
    return place == "halt"
      || PageRoute.all.contains { $0.path.dropFirst().prefix { $0 != "/" } == place }
  }

  static func failed(_ fault: Fault, _ path: String) -> Response {
    if path.hasPrefix("/api/") { return json(.serviceUnavailable, fault.json) }
    return html(
      .serviceUnavailable,
      BarePage.text(
        "It cannot be told just now",
        "<p class=\"wrap\">\("\(fault)")</p><p><a href=\"/health\">Health</a> asks for less.</p>"))
  }

  /// What is answered where others than this machine could ask.
  private static func closed(_ path: String) -> Response {
    path.hasPrefix("/api/")
      ? json(
        .forbidden,
        .object([
          .init("schema", .string("carillon.error/1")),
          .init("cause", .string("the dashboard is shown on loopback only")),
          .init("remedy", .string("see / of this address")),
        ])) : html(.forbidden, BarePage.closed)
  }

  static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
    response(status, "application/json", value.text() + "\n")
  }

  static func html(_ status: HTTPResponse.Status, _ text: String) -> Response {
    response(status, "text/html; charset=utf-8", text)
  }

  /// A file that pages refer to; 304 for who has it. By an address that names its content it may be kept for good.
  private static func asset(_ asset: Asset, _ request: Request) -> Response {
    let cache =
      request.uri.query == Asset.tag
      ? "public, max-age=31536000, immutable" : "public, max-age=86400"
    let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",").map { tag in
      tag.drop { $0 == " " }.trimmingPrefix("W/").prefix { $0 != " " }
    }
    var response: Response
    if known.contains(where: { $0 == asset.entityTag || $0 == "*" }) {
      response = Response(status: .notModified, headers: [.cacheControl: cache])
    } else {
      response = Self.response(.ok, asset.type, asset.text, cache: cache)
    }
    response.headers[.eTag] = asset.entityTag
    return response
  }

  private static func response(
    _ status: HTTPResponse.Status, _ type: String, _ body: String, cache: String = "no-store"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: cache],
      body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
