import Domain
import Net
import Testing

@testable import Notify

/// What a bot asks and is told, from https://core.telegram.org/bots/api.
@Suite struct TelegramBotTests {
  let bot = TelegramBot(apiURL: "https://api.telegram.org", token: Secret("123456:AA-x"))

  private func answer(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(status: status, headers: [], body: Array(text.utf8))
  }

  @Test func whatIsAsked() throws {
    let request = bot.updates(from: 7, waiting: .seconds(50))
    #expect(request.url == "https://api.telegram.org/bot123456:AA-x/getUpdates")
    #expect(request.timeout > .seconds(50))
    let body = try JSONValue.parse(try #require(request.body))
    #expect(body["offset"]?.int == 7)
    #expect(body["timeout"]?.int == 50)
    #expect(body["allowed_updates"]?.array == [.string("message")])
    let first = try JSONValue.parse(try #require(bot.updates(from: nil, waiting: .zero).body))
    #expect(first["offset"] == nil)
    #expect(bot.introduction.url.hasSuffix("/getMe"))
    #expect(bot.number == "123456")
  }

  /// The shapes of Update, Message, User and Chat.
  @Test func whatIsTold() throws {
    let text = """
      {"ok":true,"result":[
        {"update_id":10,"message":{"message_id":1,"date":1795176000,"text":"/status",
          "from":{"id":42,"is_bot":false,"first_name":"Kim","username":"kim_x"},
          "chat":{"id":-1001234567890,"type":"supergroup","title":"Ops"}}},
        {"update_id":11,"message":{"message_id":2,"date":1795176001,"text":"/next",
          "from":{"id":43,"is_bot":false,"first_name":"L\\u202ee\\ne"},
          "chat":{"id":43,"type":"private","first_name":"Lee"}}},
        {"update_id":12,"message":{"message_id":3,"date":1795176002,"photo":[],
          "from":{"id":42,"is_bot":false,"first_name":"Kim"},"chat":{"id":42,"type":"private"}}},
        {"update_id":13,"message":{"message_id":4,"date":99999999999999,"text":"/status",
          "from":{"id":42,"is_bot":false,"first_name":"Kim"},"chat":{"id":42,"type":"private"}}},
        {"update_id":14,"poll":{}}]}
      """
    let updates = try bot.updates(in: answer(200, text))
    #expect(updates.map(\.id) == [10, 11, 12, 13, 14])
    #expect(
      updates[0].message
        == ChatMessage(
          chat: "-1001234567890", person: 42, name: "kim_x", text: "/status",
          time: Instant(seconds: 1_795_176_000)))
    #expect(updates[0].message?.who == "kim_x (42) in chat -1001234567890")
    // A name is words, whatever is in it.
    #expect(updates[1].message?.name == "L e e")
    #expect(updates[2...].allSatisfy { $0.message == nil })
    #expect(
      try bot.name(in: answer(200, "{\"ok\":true,\"result\":{\"id\":1,\"username\":\"OurBot\"}}"))
        == "OurBot")
  }

  /// Refusals, and what is no answer of Telegram's.
  @Test(arguments: [
    (
      409,
      "{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: terminated by other getUpdates request\"}",
      "HTTP 409: Conflict: terminated by other getUpdates request"
    ),
    (401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}", "HTTP 401"),
    (502, "<html>Bad gateway</html>", "no JSON"), (200, "{\"ok\":true}", "HTTP 200"),
    (200, "{\"ok\":true,\"result\":{}}", "no list"), (200, "[]", "HTTP 200"),
    (200, "{\"ok\":true,\"result\":[{\"message\":{}}]}", "has no number"),
  ])
  func whatIsNoAnswer(_ status: Int, _ text: String, _ cause: String) {
    let fault = #expect(throws: Fault.self) { try bot.updates(in: answer(status, text)) }
    #expect(fault?.cause.contains(cause) == true, "\(fault?.cause ?? "")")
    #expect(fault.map { !"\($0)".contains("AA-x") } == true)
  }

  @Test func itWaitsAsAsked() {
    let text =
      "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests\",\"parameters\":{\"retry_after\":5}}"
    let fault = #expect(throws: Fault.self) { try bot.updates(in: answer(429, text)) }
    #expect(fault?.retryAfter == .seconds(5))
  }

  /// 4,096 units of UTF-16; a character of two is not cut in half.
  @Test(arguments: [
    (String(repeating: "x", count: 4096), 4096), (String(repeating: "x", count: 4097), 4096),
    (String(repeating: "🔔", count: 2048), 4096), (String(repeating: "🔔", count: 2049), 4095),
    ("", 0),
  ])
  func aTextIsCut(_ text: String, _ units: Int) throws {
    let body = try JSONValue.parse(try #require(bot.message(text, to: "1").body))
    let sent = try #require(body["text"]?.string)
    #expect(sent.utf16.count == units)
    #expect(sent == text || sent.hasSuffix("…"))
  }
}
