public import Domain
public import Net

/// What a bot of Telegram is asked, and what it answers. Source: https://core.telegram.org/bots/api.
public struct TelegramBot: Sendable {
  private let apiURL: String
  private let token: Secret

  /// The longest text of a message, in units of UTF-16.
  public static let mostUnits = 4096
  /// What one question brings at most.
  public static let mostUpdates = 20
  /// The largest answer that is taken.
  private static let maximumAnswerBytes = 1 << 20
  /// The time for a question that waits for nothing; one that waits has so much more.
  private static let timeout = TimeSpan.seconds(15)

  /// The bot of a token.
  public init(apiURL: String, token: Secret) { (self.apiURL, self.token) = (apiURL, token) }

  /// The bot's number, the part of its token before the colon: updates are counted by it.
  public var number: String {
    token.reveal { String($0.prefix { $0 != ":" }.filter { $0.isASCII && $0.isNumber }) }
  }

  /// Asks who it is.
  public var introduction: HTTPRequest { request("getMe", []) }

  /// Asks for what was written since, and waits for it on the other side.
  ///
  /// - Parameter offset: the first update that is wanted; what came before is forgotten there.
  public func updates(from offset: Int64?, waiting span: TimeSpan) -> HTTPRequest {
    var members: [JSONValue.Member] = [
      .init("limit", .number(Self.mostUpdates)),
      .init("timeout", .number(span.milliseconds / 1000)),
      .init("allowed_updates", .array([.string("message")])),
    ]
    if let offset { members.append(.init("offset", .number(offset))) }
    return request("getUpdates", members, timeout: span + Self.timeout)
  }

  /// Writes a text to a chat, cut where it is too long.
  public func message(_ text: String, to chat: String) -> HTTPRequest {
    request("sendMessage", Self.members(text, chat))
  }

  /// The body of a message.
  static func members(_ text: String, _ chat: String) -> [JSONValue.Member] {
    [
      .init("chat_id", .string(chat)), .init("text", .string(cut(text))),
      .init("link_preview_options", .object([.init("is_disabled", .bool(true))])),
    ]
  }

  /// The address of a method.
  static func address(_ apiURL: String, _ token: Secret?, _ method: String) -> String {
    (token?.reveal { "\(apiURL)/bot\($0)/" } ?? "\(apiURL)/bot/") + method
  }

  /// The text, or as many of its characters as a message takes.
  public static func cut(_ text: String) -> String {
    guard text.utf16.count > mostUnits else { return text }
    var shown = ""
    var units = 1
    for character in text {
      units += character.utf16.count
      guard units <= mostUnits else { break }
      shown.append(character)
    }
    return shown + "…"
  }

  /// The bot's name, as people write it behind a command in a group.
  ///
  /// - Throws: a `Fault` where the answer is a refusal, or none of Telegram's.
  public func name(in response: HTTPResponse) throws(Fault) -> String {
    guard let name = try result(of: response)["username"]?.string else {
      throw fault("its answer names no bot")
    }
    return name
  }

  /// What was written, in order.
  ///
  /// - Throws: a `Fault` where the answer is a refusal, or none of Telegram's.
  public func updates(in response: HTTPResponse) throws(Fault) -> [TelegramUpdate] {
    guard let updates = try result(of: response).array else {
      throw fault("its answer is no list of updates")
    }
    var read: [TelegramUpdate] = []
    for update in updates {
      guard let update = TelegramUpdate(update) else { throw fault("an update has no number") }
      read.append(update)
    }
    return read
  }

  private func request(
    _ method: String, _ members: [JSONValue.Member], timeout: TimeSpan = timeout
  ) -> HTTPRequest {
    HTTPRequest(
      Self.address(apiURL, token, method), method: "POST",
      headers: [HTTPField("Content-Type", "application/json")],
      body: Array(JSONValue.object(members).text().utf8), timeout: timeout,
      maximumBodyBytes: Self.maximumAnswerBytes, isIdempotent: false)
  }

  private func result(of response: HTTPResponse) throws(Fault) -> JSONValue {
    let answer: JSONValue
    do throws(JSONSyntaxError) {
      answer = try JSONValue.parse(response.body)
    } catch {
      throw fault("HTTP \(response.status) with an answer that is no JSON")
    }
    if answer["ok"]?.bool == true, let result = answer["result"] { return result }
    let words = answer["description"]?.string.map { ": \(Alert.line($0).prefix(200))" } ?? ""
    // 409: the updates of a bot go to one listener, or to a webhook.
    throw fault(
      "HTTP \(response.status)\(words)",
      remedy: response.status == 409
        ? "let one process alone listen to this bot, and take its webhook away" : nil,
      retryAfter: ChannelVerdict.wait(answer["parameters"]?["retry_after"]?.double))
  }

  private func fault(
    _ cause: String, remedy: String? = nil, retryAfter: TimeSpan? = nil
  ) -> Fault {
    Fault(
      "listen to", "the bot \(number)", cause: cause, remedy: remedy, exit: .unavailable,
      isTransient: true, retryAfter: retryAfter)
  }
}

/// One thing that Telegram tells a bot.
public struct TelegramUpdate: Hashable, Sendable {
  /// Its number; they grow.
  public var id: Int64
  /// What somebody wrote; nil for anything else.
  public var message: ChatMessage?

  /// Reads an update; nil where it has no number.
  init?(_ value: JSONValue) {
    guard let id = value["update_id"]?.int64 else { return nil }
    self.id = id
    guard let message = value["message"], let chat = message["chat"]?["id"]?.int64,
      let person = message["from"]?["id"]?.int64, let seconds = message["date"]?.int64,
      (0..<Self.latestSeconds).contains(seconds), let text = message["text"]?.string
    else { return }
    let name = message["from"]?["username"]?.string ?? message["from"]?["first_name"]?.string ?? ""
    self.message = ChatMessage(
      chat: "\(chat)", person: person, name: String(Alert.line(name).prefix(64)), text: text,
      time: Instant(seconds: seconds))
  }

  /// The end of the year 9999, in seconds since 1970.
  private static let latestSeconds: Int64 = 253_402_300_800
}

/// What a person wrote in a chat.
public struct ChatMessage: Hashable, Sendable {
  /// The chat's number.
  public var chat: String
  /// The person's number.
  public var person: Int64
  /// What the person is called there, which others may be called too.
  public var name: String
  /// The text.
  public var text: String
  /// When it was sent, by the other side's clock.
  public var time: Instant

  /// A message of these parts.
  public init(chat: String, person: Int64, name: String, text: String, time: Instant) {
    (self.chat, self.person, self.name) = (chat, person, name)
    (self.text, self.time) = (text, time)
  }

  /// Who wrote it, and where, for the audit.
  public var who: String { "\(name.isEmpty ? "somebody" : name) (\(person)) in chat \(chat)" }
}
