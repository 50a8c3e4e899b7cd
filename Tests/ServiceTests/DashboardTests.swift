import Dashboard
import Domain
import Net
import Settings
import Store
import StrictYAML
import Testing

@testable import Service

/// The pages, from a real server.
@Suite struct DashboardTests {
  static let paths = [
    "/", "/jobs", "/jobs/fetch", "/schedule", "/portfolio", "/performance", "/decisions", "/orders",
    "/market", "/risk", "/alerts", "/snapshots", "/audit", "/config",
  ]
  /// Issue 11, word for word.
  static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  @Test func everyPageIsStrictAndSmall() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      for path in Self.paths + ["/nothing", "/assets/carillon.css", "/api/v1/status", "/livez"] {
        let answer = try await site.get(path)
        #expect(answer.status == (path == "/nothing" ? 404 : 200), "\(path)")
        #expect(answer.header("content-security-policy") == Self.policy, "\(path)")
        #expect(answer.header("x-content-type-options") == "nosniff", "\(path)")
        #expect(answer.header("referrer-policy") == "same-origin", "\(path)")
      }
      for path in Self.paths {
        let answer = try await site.get(path)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.header("content-type") == "text/html; charset=utf-8", "\(path)")
        #expect(answer.header("cache-control") == "no-store", "\(path)")
        #expect(answer.body.count < 60 * 1024, "\(path)")
        #expect(text.contains("Data as of <time datetime=\"2026-11-20T12:00:00Z\">"), "\(path)")
        #expect(!text.contains("style="), "\(path)")
      }
      // fetch runs at minute 1 of each hour; it is noon.
      let schedule = try await site.text("/schedule")
      #expect(schedule.contains("2026-11-20 12:01:00Z"))
      #expect(schedule.contains("The next 24 hours") && !schedule.contains("Simulated"))
      // 12:01 to 11:01 of the next day are 24 slots.
      #expect(try await site.text("/schedule?simulate=24h").contains("24 succeeded"))
      // Without a login it is shown how trading stands, and nobody acts.
      let halt = try await site.text("/halt")
      #expect(halt.contains("Trading goes on") && !halt.contains("/act/"))
    }
  }

  @Test func whatIsNotThereIsSaid() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      for path in [
        "/jobs/nothing", "/runs/1", "/runs/x", "/decisions/NO-SUCH", "/decisions/car-nothing",
        "/market/NO-SUCH", "/csv/equity", "/csv/candles/7", "/api/v1/runs/1",
        "/api/v1/why/NO-SUCH",
      ] {
        #expect(try await site.get(path).status == 404, "\(path)")
      }
    }
  }

  /// A browser is shown a page where there is none, a program a line, and the API an answer of its own.
  @Test func whatIsNoPageIsAPageForBrowsers() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      for (path, accept, type) in [
        ("/nothing", "text/html,application/xhtml+xml", "text/html; charset=utf-8"),
        ("/nothing", "*/*", "text/plain; charset=utf-8"),
        ("/jobs/no/thing", "text/html", "text/html; charset=utf-8"),
        ("/api/v1/nothing", "text/html", "application/json"),
        ("/api/v1/runs/7", "text/html", "application/json"),
      ] {
        var request = HTTPRequest("http://127.0.0.1:\(site.server.port)\(path)")
        request.headers = [HTTPField("Accept", accept)]
        let answer = try await site.transport.send(request)
        #expect(answer.status == 404 && answer.header("content-type") == type, "\(path)")
      }
    }
  }

  /// RFC 9110, 13.1.2: by any of the tags, weak or not, what is known is not sent again.
  @Test func assetsAreSentOnce() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      let first = try await site.get("/assets/carillon.css")
      let tag = try #require(first.header("etag"))
      #expect(first.status == 200 && first.header("cache-control") == "public, max-age=86400")
      #expect(
        try await site.get("/assets/carillon.js?\(Asset.tag)").header("cache-control")
          == "public, max-age=31536000, immutable")
      for (known, status) in [
        (tag, 304), ("\"x\", W/\(tag)", 304), ("*", 304), ("\"x\"", 200), ("", 200),
      ] {
        var request = HTTPRequest("http://127.0.0.1:\(site.server.port)/assets/carillon.css")
        request.headers = [HTTPField("If-None-Match", known)]
        let answer = try await site.transport.send(request)
        #expect(answer.status == status && answer.header("etag") == tag, "\(known)")
        #expect(answer.body.isEmpty == (status == 304))
      }
    }
  }

  /// Texts that people, programs and exchanges have a say in are shown as texts.
  @Test func hostileTextsAreTexts() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      let hostile = "</pre><script>alert('1')</script>\u{1B}[31m\" onmouseover=\"x"
      let shown = "&lt;/pre&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\u{FFFD}[31m&quot; "
      let store = try Store.open(site.folder.database, mode: .readWrite)
      let slot = Slot(job: try #require(JobName("fetch")), time: ServiceFolder.start - .hours(1))
      let id = try store.write(at: ServiceFolder.start) { transaction -> Int64? in
        try transaction.halts.begin(.noNew, reason: hostile, source: "cli")
        try transaction.audit.append("note", hostile)
        try transaction.runs.record(slot, trigger: .cron, state: .missed, reason: hostile)
        guard let run = try transaction.runs.run(slot) else { return nil }
        try transaction.output.append(
          Array(hostile.utf8), to: run.id, attempt: 1, stream: .out)
        return run.id
      }
      try store.close()
      for path in ["/", "/audit", "/jobs/fetch", "/runs/\(try #require(id))"] {
        let text = try await site.text(path)
        #expect(text.contains(shown), "\(path)")
        #expect(!text.contains("<script>"), "\(path)")
        #expect(!text.contains("\u{1B}"), "\(path)")
      }
      // A name in an address is no markup either.
      let text = try await site.text("/jobs/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
      #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
      #expect(!text.contains("<script>"))
    }
  }

  /// Where others could ask, and there is no login, only probes and metrics are served.
  @Test func othersSeeNothing() async throws {
    try await WebServerTests.serving(access: .nobody) { (site: WebServerTests.Site) async throws in
      for path in Self.paths + ["/api/v1/status", "/csv/equity", "/events", "/api/v1/openapi.json"]
      {
        let answer = try await site.get(path)
        #expect(answer.status == 403, "\(path)")
        #expect(!String(decoding: answer.body, as: UTF8.self).contains("fetch"), "\(path)")
      }
      #expect(try await site.text("/").contains("published: loopback"))
      for path in ["/livez", "/readyz", "/health", "/metrics", "/assets/carillon.css"] {
        #expect(try await site.get(path).status == 200, "\(path)")
      }
    }
  }

  @Test func theZoneIsRemembered() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      let answer = try await site.get("/zone?tz=Europe/Paris&back=/jobs")
      #expect(answer.status == 303)
      #expect(answer.header("location") == "/jobs")
      #expect(
        answer.header("set-cookie")
          == "tz=Europe/Paris; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly")
      var request = HTTPRequest("http://127.0.0.1:\(site.server.port)/schedule")
      request.headers = [HTTPField("Cookie", "other=1; tz=Europe/Paris")]
      let page = String(decoding: try await site.transport.send(request).body, as: UTF8.self)
      // 12:01 UTC is 13:01 in Paris in winter.
      #expect(page.contains("2026-11-20 13:01:00 CET"))
      #expect(try await site.get("/zone?tz=No/Where").status == 400)
      // Back to the very page, with what its address said: the form of a page brings it along.
      #expect(try await site.text("/jobs?x=%221").contains("name=\"back\" value=\"/jobs?x=%221\""))
      let back = try await site.get("/zone?tz=UTC&back=/market/BTC-USDT%3Frange%3D30d")
      #expect(back.header("location") == "/market/BTC-USDT?range=30d")
      // Back to our own pages only.
      for back in [
        "//evil.org", "https://evil.org", "/%0d%0aX:y", "/jobs/%0aX:y", "/%5Cevil.org", "/nothing",
      ] {
        #expect(try await site.get("/zone?tz=UTC&back=\(back)").header("location") == "/")
      }
    }
  }

  /// A stream begins at once, and ends when the service drains, so that it holds up no stop.
  @Test func aStreamEndsWithTheService() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      async let stream = site.get("/events")
      while !(try await site.text("/metrics")).contains("route=\"/events\",code=\"200\"") {
        await Task.yield()
      }
      site.vitals.isDraining = true
      let answer = try await stream
      #expect(answer.header("content-type") == "text/event-stream")
      #expect(answer.header("cache-control") == "no-store")
      #expect(answer.header("x-accel-buffering") == "no")
      #expect(String(decoding: answer.body, as: UTF8.self).hasPrefix("retry: 5000\nid: "))
      #expect(try await site.get("/events").status == 503)
    }
  }

  @Test func everyAnswerForMachinesIsDescribed() throws {
    let served = MachineAnswers.routes.map { $0.path.replacing(":subject", with: "{subject}") }
    #expect(Set(served) == Set(OpenAPI.routes.map(\.path)))
    let document = try JSONValue.parse(Array(OpenAPI.text.utf8))
    #expect(
      document["paths"]?.object?.map(\.key).sorted() == (served + ["/api/v1/act/{verb}"]).sorted())
  }

  /// 127.0.0.0/8 and ::1 are loopback (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3).
  @Test(arguments: [
    ("127.0.0.1", true), ("127.8.9.10", true), ("::1", true), ("localhost", true),
    ("0.0.0.0", false), ("::", false), ("192.168.1.2", false), ("127.evil.example.org", false),
    ("127.0.0.1.evil.org", false),
  ])
  func whatIsLocal(_ bind: String, _ isLocal: Bool) throws {
    #expect(try settings("{ bind: \"\(bind)\" }").isLocal == isLocal)
    #expect(try settings("{ bind: \"\(bind)\", published: loopback }").isLocal)
    #expect(throws: Diagnostics.self) { try settings("{ published: everywhere }") }
  }

  private func settings(_ web: String) throws -> WebSettings {
    let text = BuiltInSettings.text.split(separator: "\n").filter { !$0.hasPrefix("web:") }
      .joined(separator: "\n")
    return try Settings.read(text + "\nweb: \(web)\n", file: "carillon.yaml", environment: [:])
      .settings.web
  }
}

/// What pages compute themselves.
@Suite struct PageFigureTests {
  /// 1 -> 1.1 in January, 1.1 -> 0.99 in February: +10 %, -10 %.
  @Test func monthsFollowEachOther() throws {
    let points = [
      ("2026-01-05T00:00:00Z", 1.0), ("2026-01-31T23:00:00Z", 1.1), ("2026-02-01T00:00:00Z", 1.2),
      ("2026-02-20T00:00:00Z", 0.99),
    ].map { (time: Instant(rfc3339: $0.0)!, growth: $0.1) }
    let months = PerformancePage.monthly(points)
    #expect(months.map(\.month) == ["2026-01", "2026-02"])
    #expect(abs(months[0].part - 0.1) < 1e-12 && abs(months[1].part + 0.1) < 1e-12)
    #expect(PerformancePage.monthly([]).isEmpty)
  }

  @Test func underwaterIsBelowThePeak() {
    #expect(PerformancePage.underwater([1, 2, 1, 3, 1.5]) == [0, 0, -0.5, 0, -0.5])
  }

  /// 10 ACME for 200 and a fee of 1 of 1000 leave 799; the pages say so.
  @Test func aTradeIsExplained() throws {
    let traded = try TradedAccount()
    let source = PageSource(
      store: traded.store, survey: traded.folder.survey, settings: nil, mode: "paper",
      version: "1", storage: nil, now: TradedAccount.at(7200))
    var query = PageQuery()
    let portfolio = try #require(try PortfolioPage.html(source, query)).text
    #expect(portfolio.contains("799.00 USD"))
    #expect(portfolio.contains("href=\"/decisions/ACME-USD\""))
    query.subject = traded.order.text
    let why = try #require(try DecisionsPage.why(source, query)).text
    #expect(why.contains("score 0.7"))
    #expect(why.contains("fee 1 USD"))
    query.subject = "ACME-USD"
    let market = try #require(try InstrumentPage.html(source, query)).text
    #expect(market.contains("files ACME-USD 1h"))
    // The feature of the candle is 20, and the score that the model gave by it 0.7.
    #expect(market.contains("<th scope=\"col\" class=\"n\">m</th>"))
    let infer = try #require(JobName("infer"))
    func score(from: Int64) throws -> Double? {
      try traded.store.read { transaction in
        guard let record = try transaction.series.all().first else { return nil }
        return try transaction.predictions.first(
          infer, record, from: TradedAccount.at(from), before: TradedAccount.at(7200))
      }
    }
    #expect(try score(from: 3600) == 0.7)
    #expect(try score(from: 3601) == nil)
    #expect(try #require(try OrdersPage.html(source, query)).text.contains("filled"))
    try traded.store.close()
  }
}
