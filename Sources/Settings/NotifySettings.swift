public import Domain
import StrictYAML

/// Who is told what is wrong, and how: `notify` of the settings.
public struct NotifySettings: Hashable, Sendable {
  /// The channels, by name, in the order of the file.
  public var channels: [ChannelSettings] = []
  /// When only what is critical is told; nil: at any time.
  public var quietHours: QuietHours?
  /// The address of the pages, for links in messages; nil: no link.
  public var link: String?
  /// Where each job tells that it is alive, by job.
  public var pings: [JobName: SecretSource] = [:]

  /// Nobody is told.
  public init() {}
}

/// A secret, or the file that it is in. A secret is given by a variable of the environment or by a file;
/// it has no place in the settings file.
public enum SecretSource: Hashable, Sendable {
  /// From the environment.
  case given(Secret)
  /// The path of a file whose first line it is.
  case file(String)
}

/// A channel of messages.
public struct ChannelSettings: Hashable, Sendable {
  /// What kinds there are.
  public enum Kind: String, CaseIterable, Sendable {
    /// JSON to an address, signed where there is a secret.
    case webhook
    /// A webhook of Slack.
    case slack
    /// A webhook of Discord.
    case discord
    /// A topic of ntfy.
    case ntfy
    /// A bot of Telegram.
    case telegram
    /// Mail by SMTP.
    case email
    /// A program, which reads the text.
    case program
  }

  /// What a chat may ask of the service.
  public enum Commands: String, CaseIterable, Sendable {
    /// Nothing: it is only told.
    case none
    /// How things stand.
    case read
    /// That, and what people do on the pages.
    case act
  }

  /// How a mail server is spoken to.
  public enum TLS: String, CaseIterable, Sendable {
    /// In the clear first, then encrypted or not at all.
    case starttls
    /// Encrypted from the first byte.
    case implicit
    /// In the clear; on this machine alone.
    case none
  }

  /// Its name.
  public var name: String
  /// What kind it is.
  public var kind: Kind
  /// The quietest that it is told.
  public var severity: AlertSeverity = .info
  /// `webhook`, `slack`, `discord`, `ntfy`: the address.
  public var url: SecretSource?
  /// `webhook`: what signs; `ntfy`, `telegram`: the token; `email`: the password.
  public var secret: SecretSource?
  /// `telegram`: the chat.
  public var chat = ""
  /// `telegram`: the address of the interface of bots.
  public var apiURL = ChannelSettings.telegramURL
  /// `telegram`: what is listened to.
  public var commands = Commands.none
  /// `telegram`: the chats that are listened to.
  public var chats: [String] = []
  /// `email`: the server.
  public var host = ""
  /// `email`: its port.
  public var port = 587
  /// `email`: how it is spoken to.
  public var tls = TLS.starttls
  /// `email`: who logs in; nil: nobody.
  public var user: String?
  /// `email`: who writes.
  public var from = ""
  /// `email`: who reads.
  public var to: [String] = []
  /// `program`: it and its arguments.
  public var run: [String] = []
  /// The time for one message.
  public var timeout = ChannelSettings.standardTimeout

  /// The address of Telegram's interface of bots.
  public static let telegramURL = "https://api.telegram.org"
  /// The time for one message unless it is said otherwise.
  public static let standardTimeout = TimeSpan.seconds(15)

  /// A channel of a name and kind.
  public init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
}

extension NotifySettings {
  /// Reads `notify`; every mistake goes to the reader's log.
  init(_ reader: MappingReader, resolve: (String) -> String) {
    link = reader.name("link").map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    if let link, !Self.isWebAddress(link) {
      reader.log.error(
        at: reader.value("link") ?? reader.node, "`link` must start with https:// or http://")
    }
    quietHours = reader.mapping("quiet-hours").flatMap { QuietHours($0) }
    for entry in reader.mapping("channels")?.entries() ?? [] {
      let name = entry.key.text ?? ""
      if JobName(name) == nil {
        reader.log.error(at: entry.key, "the name of a channel must be \(JobName.rule)")
      }
      let section = MappingReader(entry.value, "channel \"\(name)\"", log: reader.log)
      if let channel = ChannelSettings(name, section, resolve: resolve) {
        channels.append(channel)
      }
      section.finish()
    }
    for entry in reader.mapping("pings")?.entries() ?? [] {
      guard let job = entry.key.text.flatMap({ JobName($0) }) else {
        reader.log.error(at: entry.key, "a job's name is \(JobName.rule)")
        continue
      }
      let section = MappingReader(entry.value, "the ping of \(job)", log: reader.log)
      pings[job] = section.address(resolve: resolve, isSecret: false)
      section.finish()
    }
    reader.finish()
  }

  fileprivate static func isWebAddress(_ text: String) -> Bool {
    text.hasPrefix("https://") || text.hasPrefix("http://")
  }
}

extension ChannelSettings {
  init?(_ name: String, _ reader: MappingReader, resolve: (String) -> String) {
    guard let kind = reader.choice("kind", Kind.self, required: true) else {
      // What else stands there cannot be judged.
      _ = reader.entries()
      return nil
    }
    self.init(name, kind)
    severity = reader.choice("severity") ?? severity
    timeout = reader.span("timeout", in: .seconds(1) ... .minutes(2)) ?? timeout
    switch kind {
    case .webhook:
      url = reader.address(resolve: resolve, isSecret: false)
      secret = reader.secret("secret", resolve: resolve)
    case .slack, .discord: url = reader.address(resolve: resolve, isSecret: true)
    case .ntfy:
      url = reader.address(resolve: resolve, isSecret: false)
      secret = reader.secret("token", resolve: resolve)
    case .telegram:
      secret = reader.secret("token", required: true, resolve: resolve)
      chat = reader.name("chat", required: true) ?? chat
      apiURL = reader.name("api-url") ?? apiURL
      if !NotifySettings.isWebAddress(apiURL) {
        reader.log.error(
          at: reader.value("api-url") ?? reader.node,
          "`api-url` must start with https:// or http://")
      }
      readCommands(reader)
    case .email: readMail(reader, resolve: resolve)
    case .program:
      run = reader.strings("run", required: true) ?? []
      if reader.contains("run"), run.isEmpty || run[0].isEmpty {
        reader.log.error(at: reader.value("run") ?? reader.node, "`run` names no program")
      }
    }
  }

  private mutating func readCommands(_ reader: MappingReader) {
    commands = reader.choice("commands") ?? commands
    let named = reader.strings("chats")
    guard commands != .none else {
      if let named = reader.value("chats") {
        reader.log.error(
          at: named, "`chats` names who may ask, and nobody is listened to",
          mend: "add `commands: read` or `commands: act`")
      }
      return
    }
    chats = named ?? [chat]
    for chat in chats where Int64(chat) == nil {
      reader.log.error(
        at: reader.value("chats") ?? reader.value("chat") ?? reader.node,
        "`\(chat)` is no number of a chat, by which those that are listened to are known",
        mend: "`chats: [\"-100123\"]`; the log names the numbers of chats that are refused")
    }
  }

  private mutating func readMail(_ reader: MappingReader, resolve: (String) -> String) {
    host = reader.name("host", required: true) ?? host
    tls = reader.choice("tls") ?? tls
    port = reader.integer("port", in: 1...65_535) ?? (tls == .implicit ? 465 : 587)
    user = reader.name("user")
    secret = reader.secret("password", resolve: resolve)
    from = reader.mailbox("from") ?? from
    for node in reader.list("to", required: true) ?? [] {
      if let address = reader.mailbox(node, "to") { to.append(address) }
    }
    let isHere = ["localhost", "127.0.0.1", "::1"].contains(host)
    if tls == .none, !isHere {
      reader.log.error(
        at: reader.value("tls") ?? reader.node,
        "`tls: none` sends mail and password in the clear, which only this machine may read",
        mend: "use `tls: starttls` or `tls: implicit`")
    }
    if (user == nil) != (secret == nil) {
      reader.log.error(
        at: reader.node, "channel \"\(name)\" has a user or a password, and not both",
        mend: "give `user` and `password-file`, or neither")
    }
  }
}

extension MappingReader {
  /// A secret: `KEY-file` names its file; `KEY` may be given by the environment alone.
  func secret(
    _ key: String, required: Bool = false, resolve: (String) -> String
  ) -> SecretSource? {
    let (given, file) = (value(key), name("\(key)-file"))
    if let given {
      guard given.location.file.hasPrefix(Self.environment) else {
        log.error(
          atSecret: given, "`\(key)` is a secret, which has no place in this file",
          mend: "write it into a file of its own (chmod 600) and name that: `\(key)-file: PATH`, "
            + "or give it by the environment")
        return nil
      }
      if file != nil {
        log.error(at: given, "`\(key)` and `\(key)-file` are given both", mend: "remove one")
      }
      return given.text.map { .given(Secret($0)) }
    }
    if file == nil, required {
      log.error(at: node, "`\(key)-file` is missing" + (subject.map { " in \($0)" } ?? ""))
    }
    return file.map { .file(resolve($0)) }
  }

  /// An address: `url`, unless whoever knows it may write to the channel; or `url-file`.
  func address(resolve: (String) -> String, isSecret: Bool) -> SecretSource? {
    if isSecret { return secret("url", required: true, resolve: resolve) }
    let (plain, file) = (value("url"), name("url-file"))
    guard let plain else {
      if file == nil {
        log.error(at: node, "`url` is missing" + (subject.map { " in \($0)" } ?? ""))
      }
      return file.map { .file(resolve($0)) }
    }
    if file != nil {
      log.error(at: plain, "`url` and `url-file` are given both", mend: "remove one")
    }
    guard let text = plain.text, NotifySettings.isWebAddress(text) else {
      log.error(at: plain, "`url` must start with https:// or http://")
      return nil
    }
    return .given(Secret(text))
  }

  /// An address of mail, alone.
  func mailbox(_ key: String) -> String? {
    value(key, required: true).flatMap { mailbox($0, key) }
  }

  fileprivate func mailbox(_ node: YAMLNode, _ key: String) -> String? {
    log.value(of: node, named: key, expected: "an address like alerts@example.org") { text in
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      let isPlain = text.utf8.allSatisfy { byte in
        byte > 0x20 && byte < 0x7F && !"<>()[],;:\\\"".utf8.contains(byte)
      }
      return parts.count == 2 && isPlain && !parts[0].isEmpty && !parts[1].isEmpty
        && text.utf8.count <= 254 ? text : nil
    }
  }

  /// How places in the environment begin.
  private static let environment = "environment variable "
}
