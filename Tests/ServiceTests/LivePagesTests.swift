import Dashboard
import Domain
import Glibc
import Jobs
import NIOCore
import Net
import Store
import Testing

@testable import Service

/// What open pages are sent, and what it may cost.
@Suite struct LivePagesTests {
  /// 35 parts of a thousand: of 29 ms one, of 400 ms 14. At most a second is saved up.
  @Test func pagesHaveABudget() {
    var budget = RenderBudget()
    func allows(_ milliseconds: Int64) -> Bool {
      budget.allows(uptime: .milliseconds(milliseconds))
    }
    #expect(allows(0))
    budget.spend(.seconds(1))
    #expect(!allows(0) && !allows(28))
    // 29 ms earn one: 29 * 35 = 1015.
    #expect(allows(29))
    budget.spend(.milliseconds(14))
    #expect(!allows(428))
    #expect(allows(429))
    // A day earns no more than the second; a page that took no time costs a millisecond.
    #expect(allows(86_400_000))
    budget.spend(.milliseconds(999))
    #expect(allows(86_400_000))
    budget.spend(.zero)
    #expect(!allows(86_400_000))
    // A clock that went back earns nothing.
    #expect(!allows(0))
  }

  @Test func pagesAreFoundByTheirPaths() {
    for path in DashboardTests.paths {
      #expect(
        PageRoute.find(path[...], hasHalt: true)?.route.place
          == (path == "/jobs/fetch" ? "/jobs" : path))
    }
    #expect(PageRoute.find("/jobs/a%20b", hasHalt: true)?.subject == "a b")
    #expect(PageRoute.find("/halt", hasHalt: true)?.route.title == "Halt")
    for path in ["/halt", "/nothing", "/jobs/a/b", "/zone", "/csv/equity"] as [Substring] {
      #expect(PageRoute.find(path, hasHalt: false) == nil, "\(path)")
    }
  }

  /// The event of a page for who has the one before, another, none, or this.
  @Test func anEventHoldsWhatIsMissing() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let key = LivePage.Key(address: "/x", zone: "UTC", mayAct: true)
    let source = PageSource(
      store: store, survey: folder.survey, settings: nil, mode: "paper", version: "1",
      storage: nil, now: ServiceFolder.start)
    func page(_ value: String, after last: LivePage?, _ number: Int) throws -> LivePage {
      let route = PageRoute(title: "X", place: "/") { _, _ in
        var facts = Facts()
        facts.add("Value", value)
        return "\(facts.html)<input value=\"\(HTML.secret)\">"
      }
      return LivePage(
        try route.page(source, PageQuery()), after: last, commits: 7, made: .zero, number: number)
    }
    func text(_ page: LivePage, has tag: String?) -> String {
      String(buffer: page.event(for: tag, key, secret: "s3"))
    }
    let first = try page("one\ntwo", after: nil, 1)
    let second = try page("three", after: first, 2)
    // Nothing known: all of it, with the session's secret; each line bears its name (HTML, 9.2.6).
    let whole = text(first, has: nil)
    #expect(
      whole.hasPrefix("id: 7\nevent: parts\ndata: /x \(first.digest.tag)\ndata: <span id=\"live\""))
    #expect(whole.contains("<main id=\"main\"") && whole.contains("value=\"s3\""))
    #expect(whole.contains("<dd>one\ndata: two</dd>") && whole.hasSuffix("\n\n"))
    // The one before: the part that changed.
    let change = text(second, has: first.digest.tag)
    #expect(
      change.contains("<dl id=\"p0\"") && change.contains("three") && !change.contains("<main"))
    // This one: what stands around it alone. Another one: all of it.
    #expect(!text(second, has: second.digest.tag).contains("three"))
    #expect(text(second, has: second.digest.tag).contains("<span id=\"as-of\">Data as of"))
    #expect(text(second, has: "other").contains("<main id=\"main\""))
    try store.close()
  }

  /// Two who are shown the same share one page; nothing is kept, and nothing is made, when nobody listens.
  @Test func aPageIsMadeOnceForAll() async throws {
    let folder = try ServiceFolder()
    let time = SetTime(ServiceFolder.start)
    let lock = try DaemonLock.acquire(folder.database, now: time.now)
    let store = try Store.open(folder.database, mode: .readWrite)
    let readings = folder.readings(of: store, time)
    let pages = LivePages(readings)
    let keys = [
      LivePage.Key(address: "/jobs", zone: "UTC", mayAct: false),
      LivePage.Key(address: "/jobs", zone: "UTC", mayAct: true),
      LivePage.Key(address: "/jobs", zone: "Europe/Paris", mayAct: false),
    ]
    do {
      let one = pages.listen(to: [keys[0], keys[0], keys[1]], from: 0)
      let two = pages.listen(to: [keys[0], keys[2]], from: 0)
      #expect(pages.count == 3)
      for await _ in two.signals where keys.allSatisfy({ pages.newest($0) != nil }) { break }
      #expect(Set(keys.compactMap { pages.newest($0)?.number }) == [1, 2, 3])
      withExtendedLifetime((one, two)) {}
    }
    #expect(pages.count == 0)
    readings.stop()
    try store.close()
    withExtendedLifetime(lock) {}
  }

  /// No more pages are kept than there is room for; a stream looks at its first ones alone.
  @Test func pagesAreBounded() async throws {
    let folder = try ServiceFolder()
    let time = SetTime(ServiceFolder.start)
    let store = try Store.open(folder.database, mode: .readWrite)
    let readings = folder.readings(of: store, time)
    let pages = LivePages(readings)
    let listener = pages.listen(
      to: (0...LivePages.maximumPages).map {
        LivePage.Key(address: "/runs/\($0)", zone: "UTC", mayAct: false)
      }, from: 0)
    #expect(pages.count == LivePages.maximumPages)
    withExtendedLifetime(listener) {}
    readings.stop()
    try store.close()
  }
}

/// The stream of a browser, from a real server.
@Suite struct EventStreamTests {
  /// A browser names its pages and what it has of them; it is sent what it lacks.
  @Test func aStreamBringsPages() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      let text = try await site.text("/jobs")
      let tag = try #require(text.firstMatch(of: /<main id="main" data-live="([0-9a-f]{16})">/)?.1)
      let told = try await read(
        site,
        "/events?page=%2Fjobs%23\(tag)&page=%2Faudit&page=%2Faudit&page=%2Fnothing&page=//evil.org"
      ) { $0.contains("</main>") && $0.contains("data: /jobs ") }
      #expect(told.contains("data: /jobs \(tag)\n") && told.contains("\ndata: /audit "))
      // Of the one that it has, what stands around it; of the other, all.
      #expect(told.split(separator: "<main id=").count == 2)
      #expect(!told.contains("data: /nothing") && !told.contains("//evil.org"))
    }
  }

  /// Who is logged out is sent nothing any more, also on a stream from before.
  @Test func aStreamOutlastsNoSession() async throws {
    try await LoginTests.serving { (site: WebServerTests.Site) async throws in
      let entered = try await site.post("/login", "name=kim&password=U*U", origin: site.origin)
      let cookie = entered.header("set-cookie")?.firstMatch(of: /session=([0-9a-f]{64});/)?.1
      let kim = String(try #require(cookie))
      let page = String(decoding: try await site.get("/halt", session: kim).body, as: UTF8.self)
      let form = String(
        try #require(page.firstMatch(of: /name="form" value="([0-9a-f]{64})"/)?.1))
      async let told = read(site, "/events?page=%2Fhalt", session: kim) { _ in false }
      while !(try await site.text("/metrics")).contains("route=\"/events\",code=\"200\"") {
        await Task.yield()
      }
      let left = try await site.post(
        "/logout", "form=\(form)", origin: site.origin, session: kim)
      #expect(left.status == 303)
      // The end of the answer: a chunk of no bytes (RFC 9112, 7.1).
      #expect(try await told.hasSuffix("\r\n0\r\n\r\n"))
    }
  }

  /// What a stream says until it has said enough, or ends.
  private func read(
    _ site: WebServerTests.Site, _ path: String, session: String? = nil,
    until isEnough: @escaping @Sendable (String) -> Bool
  ) async throws -> String {
    let descriptor = try #require(ConnectionCrowdTests.connect(port: site.server.port))
    let worker = WorkerThread(name: "stream")
    defer { worker.stop() }
    return await Task(executorPreference: worker) {
      defer { close(descriptor) }
      let cookie = session.map { "Cookie: session=\($0)\r\n" } ?? ""
      let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(cookie)\r\n"
      _ = write(descriptor, request, request.utf8.count)
      var told: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while !isEnough(String(decoding: told, as: UTF8.self)),
        !String(decoding: told.suffix(7), as: UTF8.self).hasSuffix("\r\n0\r\n\r\n")
      {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { break }
        told += buffer.prefix(count)
      }
      return String(decoding: told, as: UTF8.self)
    }.value
  }
}
