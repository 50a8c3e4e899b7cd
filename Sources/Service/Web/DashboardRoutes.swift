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

  /// The pages by path; those with `:subject` are about one thing.
  private static let pages: [(path: String, route: PageRoute)] = [
    ("/", PageRoute(title: "Overview", place: "/", make: OverviewPage.html)),
    ("/jobs", PageRoute(title: "Jobs", place: "/jobs", make: JobsPage.html)),
    ("/jobs/:subject", PageRoute(title: "Job", place: "/jobs", make: JobPage.html)),
    ("/runs/:subject", PageRoute(title: "Run", place: "/jobs", make: RunPage.html)),
    ("/schedule", PageRoute(title: "Schedule", place: "/schedule", make: SchedulePage.html)),
    ("/portfolio", PageRoute(title: "Portfolio", place: "/portfolio", make: PortfolioPage.html)),
    (
      "/performance",
      PageRoute(title: "Performance", place: "/performance", make: PerformancePage.html)
    ),
    ("/decisions", PageRoute(title: "Decisions", place: "/decisions", make: DecisionsPage.html)),
    (
      "/decisions/:subject", PageRoute(title: "Why", place: "/decisions", make: DecisionsPage.why)
    ),
    ("/orders", PageRoute(title: "Orders", place: "/orders", make: OrdersPage.html)),
    ("/market", PageRoute(title: "Market", place: "/market", make: MarketPage.html)),
    ("/market/:subject", PageRoute(title: "Market", place: "/market", make: InstrumentPage.html)),
    ("/risk", PageRoute(title: "Risk", place: "/risk", make: RiskPage.html)),
    ("/alerts", PageRoute(title: "Alerts", place: "/alerts", make: AlertsPage.html)),
    ("/snapshots", PageRoute(title: "Snapshots", place: "/snapshots", make: SnapshotsPage.html)),
    ("/audit", PageRoute(title: "Audit", place: "/audit", make: AuditPage.html)),
    ("/config", PageRoute(title: "Config", place: "/config", make: ConfigPage.html)),
  ]

  func add(to router: Router<WebContext>) {
    for (path, asset) in Asset.all {
      router.get(RouterPath(path)) { [requests] _, _ -> Response in
        requests.add("/assets", 200)
        return Self.response(.ok, asset.type, asset.text, cache: "public, max-age=86400")
      }
    }
    for (path, route) in Self.pages {
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
    addAnswer("/events", to: router) { _, request in stream.response(request) }
    add("/zone", to: router) { Self.rememberZone($0) }
    // Who only looks at what another does leaves it alone.
    if !readings.isObserver {
      add("/halt", to: router) {
        try await page(PageRoute(title: "Halt", place: "", make: ActionForms.halt), $0)
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
      [requests, readings, door, login] request, context -> Response in
      let begun = readings.uptime
      let subject = context.parameters.get("subject").flatMap { PercentEncoding.decoded($0) }
      var query = PageQuery(request, subject: subject)
      query.session = login?.session(request)
      let response: Response
      do {
        if query.session == nil { query.session = try await login?.sharedSession(request) }
        if Self.bearer(request) != nil {
          // Who shows a token comes in by it, or not at all.
          if let token = try await token(of: request) {
            query.session = Sessions.Session(
              user: token.name, mayAct: false, form: "", ends: .zero)
            response = try await answer(query, request)
          } else {
            response = Self.error(.unauthorized, "there is no such token")
          }
        } else {
          switch door.access {
          case .nobody: response = Self.closed(path)
          case .users where query.session == nil: response = Self.unknown(path)
          case .everybody, .users: response = try await answer(query, request)
          }
        }
      } catch let fault as Fault {
        response = Self.failed(fault, path)
      }
      requests.add(path, response.status.code, took: readings.uptime - begun)
      return response
    }
  }

  private func page(_ route: PageRoute, _ query: PageQuery) async throws -> Response {
    let (status, text) = try await readings.page { source in
      let title = query.subject.isEmpty ? route.title : "\(route.title): \(query.subject)"
      guard let content = try route.make(source, query) else {
        return (
          HTTPResponse.Status.notFound,
          source.framed(
            "Not there", place: route.place, query,
            "<p>There is nothing named \(query.subject) here.</p>")
        )
      }
      return (.ok, source.framed(title, place: route.place, query, content))
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
    return place == "halt" || pages.contains { $0.path.dropFirst().prefix { $0 != "/" } == place }
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

  private static func response(
    _ status: HTTPResponse.Status, _ type: String, _ body: String, cache: String = "no-store"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: cache],
      body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
