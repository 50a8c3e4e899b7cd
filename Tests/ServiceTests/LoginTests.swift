import Domain
import Jobs
import Net
import Store
import Testing

@testable import Service

/// Hashes of other programs, and what is wrong with others.
@Suite struct PasswordHashTests {
  /// The vectors of Openwall's crypt_blowfish 1.3 (wrapper.c).
  static let vectors = [
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"),
    ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
    ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\u{FF}\u{FF}\u{A3}"),
  ]

  @Test(arguments: vectors.prefix(3))
  func bcrypt(_ text: String, _ password: String) throws {
    let hash = try PasswordHash(text)
    #expect(hash.matches(password))
    #expect(!hash.matches(password + "*x"))
    #expect(!hash.matches(""))
    #expect(!hash.matches("\(password)\0"))
  }

  /// bcrypt looks at 72 bytes; a 73rd would be left out, so such a password is none.
  @Test func bcryptCutsNothing() throws {
    let hash = try PasswordHash(Self.vectors[0].0)
    #expect(!hash.matches(String(repeating: "a", count: 73)))
  }

  @Test func yescryptOfOurOwn() throws {
    let text = try PasswordHash.make("correct horse")
    #expect(text.hasPrefix("$y$"))
    #expect(try PasswordHash(text).matches("correct horse"))
    #expect(try !PasswordHash(text).matches("correct horsf"))
    #expect(try PasswordHash.make("correct horse") != text)
    #expect(throws: Fault.self) { try PasswordHash.make("short") }
  }

  @Test(arguments: [
    ("b$12$abc/def", "it is neither"), ("2$/OK.fbVrR/bpI", "took $2b$ or $y$ for a variable"),
    ("secret", "it is neither"), ("$1$abc$def", "it is neither"),
    ("$2b$12$short", "60 characters"), ("$y$a b", "a blank"),
    ("$$2b$$12$$abc", "is doubled"),
  ])
  func whatIsNone(_ text: String, _ cause: String) {
    let fault = #expect(throws: Fault.self) { try PasswordHash(text) }
    let told = cause == "it is neither" && text.contains("/") ? "begins with no $" : cause
    #expect(fault?.cause.contains(told) == true, "\(fault?.cause ?? "")")
    #expect(fault.map { !"\($0)".contains(text) } == true)
  }

  @Test func aFileOfUsers() throws {
    let hash = Self.vectors[0].0
    let users = try WebUsers("# who\nkim:\(hash)\n\nlee:\(hash):view\r\n", file: "users")
    #expect(users["kim"]?.mayAct == true)
    #expect(users["lee"]?.mayAct == false)
    #expect(users["KIM"] == nil)
    for text in ["", "kim", "kim:\(hash):admin", "k m:\(hash)", "a:\(hash)\na:\(hash)", ":\(hash)"]
    {
      #expect(throws: Fault.self) { try WebUsers(text, file: "users") }
    }
  }
}

/// Five tries at once, and one more each 30 s.
@Suite struct LoginLimiterTests {
  @Test func triesOfANameComeBack() {
    var limiter = LoginLimiter()
    for n in 0..<5 {
      #expect(limiter.take(name: "kim", address: "a\(n)", uptime: .seconds(100)) == nil)
    }
    #expect(limiter.take(name: "kim", address: "b", uptime: .seconds(100)) == .seconds(30))
    #expect(limiter.take(name: "kim", address: "b", uptime: .seconds(129)) == .seconds(1))
    #expect(limiter.take(name: "kim", address: "b", uptime: .seconds(130)) == nil)
    #expect(limiter.take(name: "kim", address: "c", uptime: .seconds(130)) == .seconds(30))
    // What was refused has used no try of the address.
    #expect(limiter.take(name: "lee", address: "c", uptime: .seconds(130)) == nil)
    limiter.succeed(name: "kim", address: "b")
    #expect(limiter.take(name: "kim", address: "b", uptime: .seconds(130)) == nil)
  }

  /// 20 of all at once, and one each 3 s: 10,000 wrong passwords within a minute are looked at 40 times.
  @Test func tenThousandTriesAreFew() {
    var limiter = LoginLimiter()
    var looked = 0
    for n in 0..<10_000 {
      let uptime = TimeSpan.milliseconds(Int64(n) * 6)
      if limiter.take(name: "n\(n)", address: "a\(n)", uptime: uptime) == nil { looked += 1 }
    }
    #expect(looked == 20 + 19)
  }
}

/// Who may see and do what, asked of a real server.
@Suite struct LoginTests {
  /// A site with a user who acts, and one who looks, each with the password `U*U`.
  static func serving(
    _ body: @Sendable @escaping (WebServerTests.Site) async throws -> Void
  ) async throws {
    let hash = PasswordHashTests.vectors[0].0
    let users = try WebUsers("kim:\(hash)\nlee:\(hash):view\n", file: "users")
    try await WebServerTests.serving(access: .users(users), body)
  }

  @Test func withoutALoginThereIsOnlyTheDoor() async throws {
    try await Self.serving { (site: WebServerTests.Site) async throws in
      for path in DashboardTests.paths + ["/halt", "/runs/1"] {
        let answer = try await site.get(path)
        #expect(answer.status == 303 && answer.header("location") == "/login", "\(path)")
        #expect(answer.body.isEmpty)
      }
      for path in ["/api/v1/status", "/api/v1/openapi.json", "/csv/equity", "/events"] {
        #expect(try await site.get(path).status == 401, "\(path)")
      }
      for path in ["/login", "/livez", "/health", "/metrics", "/assets/carillon.css"] {
        #expect(try await site.get(path).status == 200, "\(path)")
      }
      // A secret that somebody made up, or planted, is none.
      #expect(try await site.get("/", session: String(repeating: "0", count: 64)).status == 303)
    }
  }

  @Test func formsOfOthersAreRefused() async throws {
    try await Self.serving { (site: WebServerTests.Site) async throws in
      let form = "name=kim&password=U*U"
      for origin in [nil, "http://evil.org", "null", "http://127.0.0.1:1"] {
        #expect(try await site.post("/login", form, origin: origin).status == 403)
      }
      let wrong = try await site.post("/login", "name=kim&password=U*V", origin: site.origin)
      #expect(wrong.status == 403 && wrong.header("set-cookie") == nil)
      let nobody = try await site.post("/login", "name=max&password=U*U", origin: site.origin)
      #expect(nobody.status == 403 && nobody.body == wrong.body)
      let long = "name=kim&password=" + String(repeating: "a", count: 5000)
      #expect(try await site.post("/login", long, origin: site.origin).status >= 400)
    }
  }

  @Test func kimHaltsAndLeeDoesNot() async throws {
    try await Self.serving { (site: WebServerTests.Site) async throws in
      let planted = String(repeating: "1", count: 64)
      let entered = try await site.post(
        "/login", "name=kim&password=U*U", origin: site.origin, session: planted)
      #expect(entered.status == 303)
      let cookie = try #require(entered.header("set-cookie"))
      #expect(cookie.hasSuffix("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"))
      let kim = String(try #require(cookie.firstMatch(of: /session=([0-9a-f]{64});/)?.1))
      #expect(kim != planted)
      let page = String(decoding: try await site.get("/halt", session: kim).body, as: UTF8.self)
      let form = try #require(page.firstMatch(of: /name="form" value="([0-9a-f]{64})"/)?.1)
      func halt(_ fields: String, _ session: String?) async throws -> Int {
        try await site.post("/act/halt", fields, origin: site.origin, session: session).status
      }
      // Without the form's secret, without a session, without a reason.
      #expect(try await halt("reason=odd", kim) == 403)
      #expect(try await halt("form=\(form)&reason=odd", nil) == 403)
      #expect(try await halt("form=\(form)&reason=+", kim) == 409)
      let lee = try await site.post("/login", "name=lee&password=U*U", origin: site.origin)
      let looks = lee.header("set-cookie")?.firstMatch(of: /session=([0-9a-f]{64});/)?.1
      let other = String(try #require(looks))
      #expect(try await site.get("/", session: other).status == 200)
      let shown = String(decoding: try await site.get("/halt", session: other).body, as: UTF8.self)
      #expect(shown.contains("Trading goes on") && !shown.contains("/act/"))
      #expect(try await halt("form=\(form)&reason=odd", other) == 403)
      let jobs = try await site.get("/jobs/fetch", session: other).body
      #expect(!String(decoding: jobs, as: UTF8.self).contains("/act/"))

      #expect(try await halt("form=\(form)&reason=the+model+is+odd", kim) == 200)
      // The halt is an alert, and kim takes note of it.
      func act(_ verb: String, _ fields: String, _ session: String) async throws -> Int {
        try await site.post(
          "/act/\(verb)", "form=\(form)&\(fields)", origin: site.origin, session: session
        ).status
      }
      let alerts = String(
        decoding: try await site.get("/alerts", session: kim).body, as: UTF8.self)
      #expect(alerts.contains("no-new by web: the model is odd"))
      #expect(alerts.contains("/act/acknowledge"))
      #expect(try await act("acknowledge", "subject=halt", other) == 403)
      #expect(try await act("acknowledge", "subject=nothing", kim) == 409)
      #expect(try await act("acknowledge", "subject=halt", kim) == 200)
      #expect(try await act("silence", "subject=all&span=2x&reason=night", kim) == 409)
      #expect(try await act("silence", "subject=all&span=2h", kim) == 409)
      #expect(try await act("silence", "subject=all&span=2h&reason=night", kim) == 200)
      let store = try Store.open(site.folder.database, mode: .readOnly)
      let alert = try store.read { try $0.alerts.open("halt") }
      #expect(alert?.state == .acknowledged)
      #expect(alert?.acknowledged?.by == "kim from 127.0.0.1")
      #expect(
        try store.read { try $0.silences.inForce(at: ServiceFolder.start) }.map(\.key) == ["all"])
      let (found, events) = try store.read {
        (try $0.halts.current(), try $0.audit.latest(limit: 10).map(\.text))
      }
      try store.close()
      #expect(found?.reason == "the model is odd (kim from 127.0.0.1)")
      #expect(found?.source == "web")
      #expect(events.contains("kim logged in from 127.0.0.1"))
      // Out is out.
      #expect(
        try await site.post("/logout", "", origin: site.origin, session: kim).status == 303)
      #expect(try await site.get("/", session: kim).status == 303)
    }
  }

  @Test func triesAreCounted() async throws {
    try await Self.serving { (site: WebServerTests.Site) async throws in
      var codes: [Int] = []
      for _ in 0..<7 {
        codes.append(
          try await site.post("/login", "name=kim&password=no", origin: site.origin).status)
      }
      #expect(codes == [403, 403, 403, 403, 403, 429, 429])
    }
  }
}

extension WebServerTests.Site {
  var origin: String { "http://127.0.0.1:\(server.port)" }

  func get(_ path: String, session: String) async throws -> HTTPResponse {
    var request = HTTPRequest(origin + path)
    request.headers = [HTTPField("Cookie", "session=\(session)")]
    return try await transport.send(request)
  }

  func post(
    _ path: String, _ form: String, origin: String?, session: String? = nil
  ) async throws -> HTTPResponse {
    var request = HTTPRequest(self.origin + path)
    request.method = "POST"
    request.body = Array(form.utf8)
    request.headers = [HTTPField("Content-Type", "application/x-www-form-urlencoded")]
    if let origin { request.headers.append(HTTPField("Origin", origin)) }
    if let session { request.headers.append(HTTPField("Cookie", "session=\(session)")) }
    return try await transport.send(request)
  }
}
