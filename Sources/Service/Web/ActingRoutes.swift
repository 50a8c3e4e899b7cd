import Dashboard
import Domain
import Hummingbird
import HummingbirdCore
import NIOCore

// The door of the pages, and what is done by who came in.
extension DashboardRoutes {
  func addLogin(_ login: LoginDesk, to router: Router<WebContext>) {
    router.get("/login") { [requests] _, _ -> Response in
      requests.add("/login", 200)
      return Self.html(.ok, LoginDesk.form())
    }
    post("/login", to: router) { request, fields, address, _ in
      let entered = try await login.enter(
        name: fields["name"] ?? "", password: fields["password"] ?? "", address: address)
      switch entered {
      case .success(let token): return Self.moved(to: "/", login.cookie(token, request))
      case .failure(let refusal):
        return Self.html(refusal.status, LoginDesk.form(refusal.words))
      }
    }
    post("/logout", to: router) { request, _, _, _ in
      try await login.leave(request)
      return Self.moved(to: "/login", login.cookie(nil, request))
    }
  }

  func addActions(to router: Router<WebContext>) {
    let actions = DashboardActions(readings: readings)
    for verb in DashboardActions.verbs {
      post("/act/\(verb)", to: router) { _, fields, address, session in
        // Whoever looks only has no form; nor has a page of another.
        guard let session, session.mayAct, fields["form"] == session.form else {
          return Self.html(
            .forbidden, BarePage.text("Refused", "<p>You may not, or the form is too old.</p>"))
        }
        let answer = try await actions.perform(
          verb, fields, by: "\(session.user) from \(address)")
        guard let answer else {
          return Self.html(
            .badRequest, BarePage.text("Refused", "<p>There is no such thing to do.</p>"))
        }
        return Self.html(
          answer.outcome == .refused ? .conflict : .ok,
          BarePage.text(
            answer.outcome.rawValue.prefix(1).uppercased() + answer.outcome.rawValue.dropFirst(),
            "<p>\(answer.words)</p><p><a href=\"/\">Overview</a></p>"))
      }
    }
  }

  /// What a token may do that acts: the forms' own actions, without a form.
  func addMachineActions(to router: Router<WebContext>) {
    let actions = DashboardActions(readings: readings)
    router.post("/api/v1/act/:verb") { [requests, door] request, context -> Response in
      var response: Response
      do {
        let verb = context.parameters.get("verb") ?? ""
        switch try await token(of: request) {
        case nil: response = Self.error(.unauthorized, "this asks for a token that may act")
        case .some(let token) where token.scope != .act:
          response = Self.error(.forbidden, "the token of \(token.name) may read only")
        case .some(let token):
          let body = try await request.body.collect(upTo: FormBody.maximumBytes)
          let address = ClientAddress.of(
            context.address, forwarded: Self.forwarded(request), trusted: door.proxies)
          guard let fields = FormBody.fields(String(buffer: body)) else {
            response = Self.error(.badRequest, "the body is no form")
            break
          }
          let answer = try await actions.perform(
            verb, fields, by: "token \(token.name) from \(address)")
          response =
            answer.map { Self.json($0.outcome == .refused ? .conflict : .ok, $0.json) }
            ?? Self.error(.notFound, "there is no such thing to do")
        }
      } catch let fault as Fault {
        response = Self.failed(fault, "/api/")
      }
      requests.add("/api/v1/act", response.status.code)
      return response
    }
  }

  /// The token that a request shows (`Authorization: Bearer`), if it is one.
  func token(of request: Request) async throws -> MachineTokens.Token? {
    guard let tokens = door.tokens, let text = Self.bearer(request) else { return nil }
    return try await readings.aside { try tokens.token(shown: text) }
  }

  static func bearer(_ request: Request) -> String? {
    guard let header = request.headers[.authorization],
      header.prefix(7).lowercased() == "bearer ", header.utf8.count <= 300
    else { return nil }
    return String(header.dropFirst(7))
  }

  private static func forwarded(_ request: Request) -> [String] {
    guard let name = HTTPFields.Element.Name("X-Forwarded-For") else { return [] }
    return request.headers[values: name]
  }

  static func error(_ status: HTTPResponse.Status, _ cause: String) -> Response {
    json(
      status,
      .object([.init("schema", .string("carillon.error/1")), .init("cause", .string(cause))]))
  }

  /// Answers a form: one that a page of ours sent, by the browser's word, and that is short.
  private func post(
    _ path: String, to router: Router<WebContext>,
    _ answer:
      @escaping @Sendable (Request, [String: String], String, Sessions.Session?) async throws ->
      Response
  ) {
    router.post(RouterPath(path)) { [requests, login, door] request, context -> Response in
      var response: Response
      do {
        if FormBody.isOurs(request) {
          let body = try await request.body.collect(upTo: FormBody.maximumBytes)
          if let fields = FormBody.fields(String(buffer: body)) {
            let address = ClientAddress.of(
              context.address, forwarded: Self.forwarded(request), trusted: door.proxies)
            response = try await answer(request, fields, address, login?.session(request))
          } else {
            response = Self.html(
              .badRequest, BarePage.text("Refused", "<p>This is no form that can be read.</p>"))
          }
        } else {
          response = Self.html(
            .forbidden,
            BarePage.text("Refused", "<p>This was not sent by a page of this server.</p>"))
        }
      } catch let fault as Fault {
        response = Self.failed(fault, path)
      }
      requests.add(path, response.status.code)
      return response
    }
  }

  private static func moved(to path: String, _ cookie: String) -> Response {
    Response(
      status: .seeOther,
      headers: [.location: path, .setCookie: cookie, .cacheControl: "no-store"])
  }
}
