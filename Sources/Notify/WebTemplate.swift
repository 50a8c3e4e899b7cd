import Cryptography
public import Domain
public import Net

/// How a message goes to an address: the one table of those channels that are posts of JSON.
public struct WebTemplate: Sendable {
  /// What is posted, and to which address, of which the secret part is the caller's.
  let request:
    @Sendable (AlertMessage, Target) -> (url: String, headers: [HTTPField], body: JSONValue)
  /// What an answer with a good status means.
  let check: @Sendable (HTTPResponse) -> ChannelVerdict

  /// Where it goes.
  public struct Target: Sendable {
    /// The address.
    public var url: Secret
    /// What signs, or the token.
    public var secret: Secret?
    /// Telegram's chat.
    public var chat: String
    /// The time, which signatures bear.
    public var now: Instant

    /// A target of these parts.
    public init(url: Secret, secret: Secret? = nil, chat: String = "", now: Instant) {
      (self.url, self.secret, self.chat, self.now) = (url, secret, chat, now)
    }
  }

  /// The request of a message.
  public func request(_ message: AlertMessage, to target: Target, timeout: TimeSpan) -> HTTPRequest
  {
    var (url, headers, body) = request(message, target)
    let bytes = Array(body.text().utf8)
    headers.insert(HTTPField("Content-Type", "application/json"), at: 0)
    if signs, let secret = target.secret {
      headers.append(HTTPField("Carillon-Signature", Self.signature(bytes, secret, target.now)))
    }
    return HTTPRequest(
      url, method: "POST", headers: headers, body: bytes, timeout: timeout,
      maximumBodyBytes: Self.maximumAnswerBytes, isIdempotent: false)
  }

  /// What became of it.
  public func verdict(_ response: HTTPResponse) -> ChannelVerdict {
    if let verdict = refusal(response) ?? ChannelVerdict.ofStatus(response) { return verdict }
    return check(response)
  }

  /// What the service says of a refusal in its own words; nil where it says nothing.
  private let refusal: @Sendable (HTTPResponse) -> ChannelVerdict?
  private let signs: Bool

  /// The largest answer that is looked at.
  static let maximumAnswerBytes = 64 << 10

  /// `t=SECONDS,v1=HEX`: HMAC-SHA256 under the secret of `SECONDS.BODY`, so that an old message cannot be
  /// sent again as a new one.
  public static func signature(_ body: [UInt8], _ secret: Secret, _ now: Instant) -> String {
    let time = "\(now.seconds)"
    let code = secret.reveal {
      HMAC.code(of: Array("\(time).".utf8) + body, key: Array($0.utf8), .sha256)
    }
    return "t=\(time),v1=\(Hexadecimal.text(code))"
  }

  private init(
    signs: Bool = false,
    _ request:
      @escaping @Sendable (AlertMessage, Target) -> (
        url: String, headers: [HTTPField], body: JSONValue
      ),
    refusal: @escaping @Sendable (HTTPResponse) -> ChannelVerdict? = { _ in nil },
    check: @escaping @Sendable (HTTPResponse) -> ChannelVerdict = { _ in .taken }
  ) {
    (self.signs, self.request, self.refusal, self.check) = (signs, request, refusal, check)
  }

  private static func member(_ response: HTTPResponse, _ path: String...) -> JSONValue? {
    do {
      return path.reduce(try JSONValue.parse(response.body)) { $0?[$1] }
    } catch {
      return nil  // an answer that is no JSON says nothing
    }
  }

  private static func characters(_ text: String) -> Int { text.unicodeScalars.count }
}

// The templates, with the limits of each service.
extension WebTemplate {
  /// Any address: the message as JSON, signed where there is a secret. Any 2xx takes it.
  public static let webhook = WebTemplate(signs: true) { message, target in
    (
      target.url.reveal { $0 },
      [HTTPField("Idempotency-Key", "carillon-\(message.id)")], message.json
    )
  }

  /// Slack's incoming webhooks: `text`, of which 4,000 characters are shown well; the answer is `ok`.
  /// Source: https://api.slack.com/messaging/webhooks.
  public static let slack = WebTemplate { message, target in
    let text = message.text(within: 4000) { characters(escaped($0)) }
    return (
      target.url.reveal { $0 }, [], .object([.init("text", .string(escaped(text)))])
    )
  } check: { response in
    let answer = String(decoding: response.body, as: UTF8.self)
    return answer == "ok" ? .taken : .failed("the answer is not Slack's `ok`", retryAfter: nil)
  }

  /// Slack's own three characters: https://api.slack.com/reference/surfaces/formatting.
  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// Discord's webhooks: `content` of at most 2,000 characters, in which nobody is called; 204, or 429
  /// with `retry_after` in seconds.
  /// Source: https://discord.com/developers/docs/resources/webhook#execute-webhook.
  public static let discord = WebTemplate { message, target in
    (
      target.url.reveal { $0 }, [],
      .object([
        .init("content", .string(message.text(within: 2000, characters))),
        .init("allowed_mentions", .object([.init("parse", .array([]))])),
      ])
    )
  } refusal: { response in
    guard response.status == 429, let wait = member(response, "retry_after")?.double else {
      return nil
    }
    return .failed("HTTP 429", retryAfter: ChannelVerdict.wait(wait))
  }

  /// ntfy, published as JSON to the address without its topic: a message of at most 4,096 bytes, and an
  /// answer with an `id`. Source: https://docs.ntfy.sh/publish/#publish-as-json.
  public static let ntfy = WebTemplate { message, target in
    let address = target.url.reveal { $0 }
    let slash = address.lastIndex(of: "/") ?? address.startIndex
    let text = message.text(within: 4096) { $0.utf8.count }
    let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let priority = message.event == .closed ? 2 : message.alert.severity.priority
    var members: [JSONValue.Member] = [
      .init("topic", .string(String(address[address.index(after: slash)...]))),
      .init("title", .string(message.title)),
      .init("message", .string(lines.count > 1 ? String(lines[1]) : text)),
      .init("priority", .number(priority)),
    ]
    if let link = message.link { members.append(.init("click", .string(link))) }
    let token = target.secret.map { secret in
      [HTTPField("Authorization", secret.reveal { "Bearer \($0)" })]
    }
    return (String(address[..<slash]), token ?? [], .object(members))
  } check: { response in
    member(response, "id")?.string != nil
      ? .taken : .failed("the answer is not ntfy's", retryAfter: nil)
  }

  /// Telegram's bots: `sendMessage` with at most 4,096 characters of UTF-16, an answer with `ok`, and 429
  /// with `parameters.retry_after` in seconds. Source: https://core.telegram.org/bots/api#sendmessage.
  public static let telegram = WebTemplate { message, target in
    let text = message.text(within: TelegramBot.mostUnits) { $0.utf16.count }
    return (
      TelegramBot.address(target.url.reveal { $0 }, target.secret, "sendMessage"), [],
      .object(TelegramBot.members(text, target.chat))
    )
  } refusal: { response in
    guard let wait = member(response, "parameters", "retry_after")?.double else { return nil }
    return .failed("HTTP \(response.status)", retryAfter: ChannelVerdict.wait(wait))
  } check: { response in
    member(response, "ok")?.bool == true
      ? .taken : .failed("the answer is not Telegram's", retryAfter: nil)
  }
}

extension FailureResponse.Severity {
  /// ntfy's priority, 1 to 5.
  fileprivate var priority: Int {
    switch self {
    case .info: 2
    case .warning: 4
    case .critical: 5
    }
  }
}
