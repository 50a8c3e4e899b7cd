import Domain
import Glibc
import Jobs
import Logging
import Net
import Store
import Testing

@testable import Service

/// The server on a real port, asked by the real client.
@Suite struct WebServerTests {
  static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// A server with all that it serves.
  struct Site: Sendable {
    var folder: ServiceFolder
    var time: SetTime
    var vitals: Vitals
    var server: WebServer
    var transport: CurlTransport

    func get(_ path: String) async throws -> HTTPResponse {
      try await transport.send(HTTPRequest("http://127.0.0.1:\(server.port)\(path)"))
    }

    func text(_ path: String) async throws -> String {
      String(decoding: try await get(path).body, as: UTF8.self)
    }
  }

  /// Serves for as long as the body runs. What blocks is done on a thread of its own.
  static func serving(
    openFiles: Int? = nil, access: WebAccess = .everybody, tokens: TokenFile? = nil,
    _ body: @Sendable @escaping (Site) async throws -> Void
  ) async throws {
    let folder = try ServiceFolder()
    let time = SetTime(ServiceFolder.start)
    let lock = try DaemonLock.acquire(folder.database, now: time.now)
    let store = try Store.open(folder.database, mode: .readWrite)
    let vitals = Vitals(now: time.now, uptime: time.uptime)
    let readings = ServiceReadings(
      store, survey: folder.survey, vitals: vitals, version: "1.2.0", mode: "paper", time: time)
    let worker = WorkerThread(name: "test")
    let server = try await Task(executorPreference: worker) {
      try WebServer.start(
        bind: "127.0.0.1", port: 0, door: WebDoor(access, tokens: tokens), openFiles: openFiles,
        readings: readings,
        log: quiet)
    }.value
    let transport = try CurlTransport()
    do {
      try await body(
        Site(folder: folder, time: time, vitals: vitals, server: server, transport: transport))
    } catch {
      Issue.record(error)
    }
    // The transport still has its connections open: the server stops all the same.
    await Task(executorPreference: worker) { server.stop() }.value
    worker.stop()
    transport.shutdown()
    try store.close()
    withExtendedLifetime(lock) {}
  }

  @Test func probes() async throws {
    try await Self.serving { (site: Site) async throws in
      for path in [
        "/livez", "/health/live", "/readyz", "/health/ready", "/health", "/metrics", "/",
      ] {
        #expect(try await site.get(path).status == 200, "\(path)")
      }
      #expect(try await site.get("/nothing/here").status == 404)
      // The loop has not turned for 90 s, and then for 91 s.
      site.time.now = ServiceFolder.start + .seconds(90)
      #expect(try await site.get("/livez").status == 200)
      site.time.now = ServiceFolder.start + .seconds(91)
      #expect(try await site.get("/livez").status == 503)
      #expect(try await site.text("/health/live") == "the loop has not turned for 1m31s\n")
      site.vitals.beat(now: site.time.now, uptime: site.time.uptime)
      #expect(try await site.get("/livez").status == 200)
      site.vitals.isDraining = true
      #expect(try await site.get("/readyz").status == 503)
      #expect(try await site.text("/health/ready") == "draining\n")
      #expect(try await site.get("/livez").status == 200)
    }
  }

  @Test func readinessIsToldCheckByCheck() async throws {
    try await Self.serving { (site: Site) async throws in
      var request = HTTPRequest("http://127.0.0.1:\(site.server.port)/readyz")
      request.headers = [HTTPField("Accept", "application/json")]
      let ready = try JSONValue.parse(try await site.transport.send(request).body)
      #expect(ready["ready"]?.bool == true)
      let names = ready["checks"]?.array?.compactMap { $0["check"]?.string }
      #expect(
        names == [
          "running", "storage", "database", "schedule", "settings", "folders", "models", "channels",
        ])
      site.vitals.isDraining = true
      let answer = try await site.transport.send(request)
      #expect(answer.status == 503)
      let draining = try JSONValue.parse(answer.body)
      #expect(draining["checks"]?.array?.first?["reason"]?.string == "draining")
    }
  }

  /// The example of RFC 9110, section 5.6.7, and leap days around the epoch (date -u -d @N).
  @Test(
    arguments: [
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
    ] as [(Int64, String)])
  func writesDates(seconds: Int64, text: String) {
    #expect(Instant(seconds: seconds).httpDate == text)
  }

  @Test func healthIsInTheShapeOfTheDraft() async throws {
    try await Self.serving { (site: Site) async throws in
      let response = try await site.get("/health")
      #expect(response.header("content-type") == "application/health+json")
      #expect(response.header("cache-control") == "no-store")
      #expect(response.header("date") == "Fri, 20 Nov 2026 12:00:00 GMT")
      let value = try JSONValue.parse(response.body)
      #expect(value["status"]?.string == "pass")
      #expect(value["releaseId"]?.string == "1.2.0")
      #expect(
        value["checks"]?.object?.map(\.key)
          == ["database", "scheduler", "disk", "schedule", "job:fetch", "job:compute"])
      for check in value["checks"]?.object ?? [] {
        let one = try #require(check.value.array?.first)
        #expect(one["status"]?.string == "pass")
        #expect(["component", "datastore", "system"].contains(one["componentType"]?.string))
        #expect(one["time"]?.string.flatMap { Instant(rfc3339: $0) } == site.time.now)
      }
    }
  }

  /// fetch is due at 12:01, may take 5 m and has 10 m of grace: stale after 12:16.
  @Test func aStaleJobIsAnError() async throws {
    try await Self.serving { (site: Site) async throws in
      site.time.now = ServiceFolder.start + .minutes(16)
      site.vitals.beat(now: site.time.now, uptime: site.time.uptime)
      // In this process nothing turns the loop but the test, and the lock is as old as the day.
      let before = try JSONValue.parse(try await site.get("/health").body)
      #expect(before["checks"]?["job:fetch"]?.array?.first?["status"]?.string == "warn")
      site.time.now = site.time.now + .milliseconds(1)
      let response = try await site.get("/health")
      #expect(response.status == 503)
      let fetch = try JSONValue.parse(response.body)["checks"]?["job:fetch"]?.array?.first
      #expect(fetch?["status"]?.string == "fail")
      #expect(fetch?["observedValue"]?.string == "down")
      #expect(fetch?["next"]?.string == "carillon job history fetch")
    }
  }

  @Test func metricsCountRequests() async throws {
    try await Self.serving { (site: Site) async throws in
      _ = try await site.get("/livez")
      _ = try await site.get("/nothing")
      _ = try await site.get("/nothing/else")
      let response = try await site.get("/metrics")
      #expect(response.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
      let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\n")
      #expect(lines.contains(#"carillon_http_requests_total{route="/livez",code="200"} 1"#))
      #expect(lines.contains(#"carillon_http_requests_total{route="other",code="404"} 2"#))
      #expect(lines.contains(#"carillon_build_info{version="1.2.0"} 1"#))
      // 12:01 + 5 m + 10 m, in seconds since 1970.
      #expect(
        lines.contains(
          #"carillon_job_stale_after_timestamp_seconds{job="fetch"} 1795176960"#))
    }
  }

  @Test func saysThatThePortIsTaken() async throws {
    try await Self.serving { (site: Site) async throws in
      let port = site.server.port
      let store = try Store.open(site.folder.database, mode: .readOnly)
      let readings = ServiceReadings(
        store, survey: site.folder.survey, vitals: site.vitals, version: "1.2.0", mode: "paper",
        time: site.time)
      let worker = WorkerThread(name: "test")
      let fault = await #expect(throws: Fault.self) {
        _ = try await Task(executorPreference: worker) {
          try WebServer.start(
            bind: "127.0.0.1", port: port, readings: readings, log: Self.quiet)
        }.value
      }
      worker.stop()
      try store.close()
      #expect(fault?.exit == .unavailable)
      #expect(fault?.subject == "127.0.0.1:\(port)")
      #expect(fault?.cause == "another process listens there")
      #expect(fault?.remedy?.contains("CARILLON_WEB__PORT=") == true)
    }
  }
}

/// Whoever is idle or slow never keeps a probe waiting.
@Suite struct ConnectionCrowdTests {
  /// Descriptors are left to the rest of the process: (limit - 64) / 2, from 8 to 256.
  @Test(arguments: [(20, 8), (64, 8), (100, 18), (280, 108), (576, 256), (1024, 256)])
  func placesUnderALimitOfOpenFiles(_ openFiles: Int, _ places: Int) {
    #expect(ConnectionCrowd.places(openFiles: openFiles) == places)
  }

  /// Eight places, forty connections that send nothing or half a request, and a probe behind each ten.
  @Test func theSlowGiveWayToWhoAsks() async throws {
    try await WebServerTests.serving(openFiles: 64) { (site: WebServerTests.Site) async throws in
      var slow: [Int32] = []
      defer { for descriptor in slow { close(descriptor) } }
      for round in 0..<40 {
        let descriptor = try #require(Self.connect(port: site.server.port))
        if round % 2 == 0 { _ = write(descriptor, "GET /health HT", 14) }
        slow.append(descriptor)
        guard round % 10 == 9 else { continue }
        #expect(try await site.get("/livez").status == 200)
      }
    }
  }

  /// A connection by hand, to the server of a test.
  static func connect(port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return result == 0 ? descriptor : nil
  }

  @Test(
    arguments: [
      (nil, true), ("127.0.0.1:8787", true), ("[::1]:8787", true), ("localhost", true),
      ("carillon:8787", true), ("Bot.Example.com:8787", true), ("bot.example.com.evil.org", false),
      ("evil.org:8787", false), ("127.0.0.1.evil.org", false), ("1.2.3", false), (":8787", false),
    ] as [(String?, Bool)])
  func namesThatAreAnswered(_ authority: String?, _ isAllowed: Bool) {
    let rule = HostRule(bind: "0.0.0.0", names: ["bot.example.com"])
    #expect(rule.allows(authority) == isAllowed)
  }

  @Test func anotherNameIsRefused() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      var request = HTTPRequest("http://127.0.0.1:\(site.server.port)/livez")
      request.headers = [HTTPField("Host", "evil.org")]
      let answer = try await site.transport.send(request)
      #expect(answer.status == 421)
      #expect(String(decoding: answer.body, as: UTF8.self).contains("hosts: [NAME]"))
    }
  }
}
