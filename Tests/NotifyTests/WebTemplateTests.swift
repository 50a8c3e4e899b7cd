import Domain
import Net
import Testing

@testable import Notify

/// What each service is sent, its limits, and what its answers mean, from the documents that the
/// templates name.
@Suite struct WebTemplateTests {
  static let noon = Instant(rfc3339: "2026-11-20T12:00:00Z")!

  static func message(_ text: String, _ event: AlertEvent = .opened) -> AlertMessage {
    AlertMessage(
      id: 7, alertID: 3, event: event,
      alert: Alert(.jobFailed, of: "fetch", text, remedy: "carillon job log fetch"), time: noon,
      since: noon - .minutes(5), count: 2, mode: "paper", link: "https://example.org")
  }

  private func request(
    _ template: WebTemplate, _ message: AlertMessage, url: String = "https://example.org/hook",
    secret: String? = nil
  ) -> HTTPRequest {
    template.request(
      message,
      to: .init(url: Secret(url), secret: secret.map { Secret($0) }, chat: "-100", now: Self.noon),
      timeout: .seconds(5))
  }

  private func body(_ request: HTTPRequest) throws -> JSONValue {
    try JSONValue.parse(try #require(request.body))
  }

  @Test func theWordsOfAMessage() {
    #expect(
      Self.message("no answer").text == """
        [warning] Job failed: fetch
        no answer
        2026-11-20T12:00:00Z (paper), since 2026-11-20T11:55:00Z, 2 times
        next: carillon job log fetch
        https://example.org/alerts
        """)
    #expect(Self.message("well", .closed).title == "[over] Job failed: fetch")
    #expect(!Self.message("well", .closed).text.contains("next:"))
    #expect(Self.message("x", .repeated).title == "[still warning] Job failed: fetch")
  }

  /// Python: hmac.new(b"key-of-the-hook", b'1795176000.{"a":1}', hashlib.sha256).hexdigest().
  @Test func aWebhookIsSigned() throws {
    #expect(
      WebTemplate.signature(Array("{\"a\":1}".utf8), Secret("key-of-the-hook"), Self.noon)
        == "t=1795176000,v1=9a8e75db9343c901cd5e7e027c68ecfee6a255f04197dc8ca8072c48d1dd3c0e")
    let signed = request(.webhook, Self.message("x"), secret: "key-of-the-hook")
    let field = try #require(signed.headers.first { $0.name == "Carillon-Signature" })
    #expect(
      field.value
        == WebTemplate.signature(try #require(signed.body), Secret("key-of-the-hook"), Self.noon))
    #expect(signed.headers.contains(HTTPField("Idempotency-Key", "carillon-7")))
    let plain = request(.webhook, Self.message("x"))
    #expect(!plain.headers.contains { $0.name == "Carillon-Signature" })
    let json = try body(plain)
    #expect(json["schema"]?.string == "carillon.alert/1")
    #expect(json["key"]?.string == "job-failed:fetch")
    #expect(json["severity"]?.string == "warning")
  }

  @Test func eachHasItsOwnBody() throws {
    let message = Self.message("a <b> & \"c\"")
    #expect(
      try body(request(.slack, message))["text"]?.string?.contains("a &lt;b&gt; &amp; \"c\"")
        == true)
    let discord = try body(request(.discord, Self.message("@everyone look")))
    #expect(discord["content"]?.string?.contains("@everyone look") == true)
    #expect(discord["allowed_mentions"]?["parse"]?.array == [])
    let ntfy = request(.ntfy, message, url: "https://ntfy.example.org/my-topic", secret: "tk_1")
    #expect(ntfy.url == "https://ntfy.example.org")
    #expect(ntfy.headers.contains(HTTPField("Authorization", "Bearer tk_1")))
    #expect(try body(ntfy)["topic"]?.string == "my-topic")
    #expect(try body(ntfy)["priority"]?.int == 4)
    #expect(try body(ntfy)["message"]?.string?.hasPrefix("a <b> & \"c\"\n") == true)
    let telegram = request(.telegram, message, url: "https://api.telegram.org", secret: "1:AA")
    #expect(telegram.url == "https://api.telegram.org/bot1:AA/sendMessage")
    #expect(try body(telegram)["chat_id"]?.string == "-100")
  }

  /// A limit, in the unit in which the service counts.
  static let limits:
    [(
      name: String, template: WebTemplate, key: String, limit: Int, size: @Sendable (String) -> Int
    )] = [
      ("slack", .slack, "text", 4000, { $0.unicodeScalars.count }),
      ("discord", .discord, "content", 2000, { $0.unicodeScalars.count }),
      ("ntfy", .ntfy, "message", 4096, { $0.utf8.count }),
      ("telegram", .telegram, "text", 4096, { $0.utf16.count }),
    ]

  @Test(arguments: limits.map(\.name))
  func noLimitIsPassed(_ name: String) throws {
    let (_, template, key, limit, size) = try #require(Self.limits.first { $0.name == name })
    for filling in ["x", "é", "鐘", "🔔", "<", "&", "👩‍👩‍👧"] {
      var message = Self.message("short")
      // Longer than an alert's own text can be.
      message.alert.text = String(repeating: filling, count: 9000)
      let text = try #require(
        try body(request(template, message, url: "https://example.org/topic"))[key]?.string)
      #expect(size(text) <= limit, "\(name) \(filling)")
      #expect(size(text) > limit / 4, "\(name) \(filling)")
      #expect(text.contains("https://example.org/alerts"), "the end is kept")
    }
  }

  /// A service, an answer, and what it means.
  static let answers: [(name: String, status: Int, body: String, verdict: ChannelVerdict)] = [
    ("webhook", 204, "", .taken), ("webhook", 500, "", .failed("HTTP 500", retryAfter: nil)),
    ("webhook", 422, "", .refused("HTTP 422")),
    ("webhook", 301, "", .failed("HTTP 301", retryAfter: nil)),
    ("webhook", 404, "", .failed("HTTP 404", retryAfter: nil)),
    ("slack", 200, "ok", .taken),
    ("slack", 200, "<html>", .failed("the answer is not Slack's `ok`", retryAfter: nil)),
    ("slack", 400, "invalid_payload", .refused("HTTP 400")),
    ("discord", 204, "", .taken),
    (
      "discord", 429, "{\"message\": \"limited\", \"retry_after\": 64.57, \"global\": false}",
      .failed("HTTP 429", retryAfter: .milliseconds(64_570))
    ),
    ("ntfy", 200, "{\"id\":\"x1\",\"event\":\"message\"}", .taken),
    ("ntfy", 200, "hello", .failed("the answer is not ntfy's", retryAfter: nil)),
    ("telegram", 200, "{\"ok\":true,\"result\":{}}", .taken),
    (
      "telegram", 429,
      "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many\",\"parameters\":{\"retry_after\":35}}",
      .failed("HTTP 429", retryAfter: .seconds(35))
    ),
    ("telegram", 400, "{\"ok\":false,\"description\":\"Bad Request\"}", .refused("HTTP 400")),
    ("telegram", 401, "{\"ok\":false}", .failed("HTTP 401", retryAfter: nil)),
  ]

  @Test(arguments: answers)
  func anAnswerIsRead(
    _ name: String, _ status: Int, _ body: String, _ verdict: ChannelVerdict
  ) throws {
    let template: WebTemplate =
      switch name {
      case "slack": .slack
      case "discord": .discord
      case "ntfy": .ntfy
      case "telegram": .telegram
      default: .webhook
      }
    #expect(template.verdict(HTTPResponse(status: status, body: Array(body.utf8))) == verdict)
  }

  @Test(arguments: [
    ("30", TimeSpan.seconds(30)), ("0.5", .milliseconds(500)), ("1e99", .hours(1)), ("-1", nil),
    ("Fri, 20 Nov 2026 12:00:00 GMT", nil),
  ])
  func aWaitIsBounded(_ header: String, _ wait: TimeSpan?) {
    let response = HTTPResponse(status: 429, headers: [HTTPField("Retry-After", header)])
    #expect(WebTemplate.webhook.verdict(response) == .failed("HTTP 429", retryAfter: wait))
  }

  @Test func noSecretTravels() {
    let secrets = SecretSweep([Secret("hunter2-hunter2"), Secret("T0/B0/xyzzy"), Secret("abc")])
    let message = AlertMessage(
      id: 1, alertID: 1, event: .opened,
      alert: Alert(
        .jobFailed, of: "fetch", "cannot ask https://h.example/T0/B0/xyzzy: hunter2-hunter2 abc",
        remedy: "mend hunter2-hunter2"), time: Self.noon, since: Self.noon, mode: "paper",
      without: secrets)
    #expect(!message.text.contains("hunter2"))
    #expect(!message.text.contains("xyzzy"))
    // Too short to be a secret and not a word.
    #expect(message.text.contains("abc"))
    #expect(!message.json.text().contains("hunter2"))
  }
}
