import Disk
public import Domain
import Jobs
public import Net
public import Notify
public import Settings

/// A channel of messages, with its secrets read: takes a message somewhere, and tells what became of it.
public struct AlertChannel: Sendable {
  /// What the settings say of it.
  public let settings: ChannelSettings
  private let url: Secret?
  private let secret: Secret?
  private let network: NetworkSettings

  /// Reads the channel's secrets.
  ///
  /// - Throws: a `Fault` where a file of them cannot be read or is empty.
  public init(_ settings: ChannelSettings, network: NetworkSettings) throws(Fault) {
    self.settings = settings
    self.network = network
    url = try settings.url.map { source throws(Fault) in try source.read() }
    secret = try settings.secret.map { source throws(Fault) in try source.read() }
  }

  /// Its name.
  public var name: String { settings.name }

  /// What no message may hold: its secrets, and what of its address only the channel may know.
  public var secrets: [Secret] {
    var all = [url, secret].compactMap(\.self)
    if let path = url?.reveal({ Self.path(of: $0) }), !path.isEmpty { all.append(Secret(path)) }
    return all
  }

  /// Where it goes, without what is secret.
  public var place: String {
    switch settings.kind {
    case .webhook, .slack, .discord, .ntfy: url?.reveal { Self.host(of: $0) } ?? ""
    case .telegram: Self.host(of: settings.apiURL) + " chat \(settings.chat)"
    case .email: "\(settings.to.joined(separator: ", ")) by \(settings.host):\(settings.port)"
    case .program: settings.run.first ?? ""
    }
  }

  /// The bot behind it; nil for what is none.
  var bot: TelegramBot? {
    guard settings.kind == .telegram, let secret else { return nil }
    return TelegramBot(apiURL: settings.apiURL, token: secret)
  }

  /// Takes a message there. Mail and programs block the calling thread.
  public func deliver(
    _ message: AlertMessage, over transport: any HTTPTransport, now: Instant
  ) async -> ChannelVerdict {
    switch settings.kind {
    case .webhook: await post(message, .webhook, transport, now)
    case .slack: await post(message, .slack, transport, now)
    case .discord: await post(message, .discord, transport, now)
    case .ntfy: await post(message, .ntfy, transport, now)
    case .telegram: await post(message, .telegram, transport, now)
    case .email: mail(MailLetter(message, from: settings.from, to: settings.to))
    case .program: run(message)
    }
  }

  /// Sends a letter by this channel's server.
  public func mail(_ letter: MailLetter) -> ChannelVerdict {
    var login: (String, Secret)?
    if let user = settings.user, let secret { login = (user, secret) }
    let security: MailTransport.Security =
      switch settings.tls {
      case .starttls: .startTLS
      case .implicit: .implicit
      case .none: .none
      }
    let transport = MailTransport(
      host: settings.host, port: settings.port, security: security, login: login,
      caFile: network.caFile, timeout: settings.timeout)
    do throws(Fault) {
      try transport.send(letter.bytes, from: settings.from, to: settings.to)
      return .taken
    } catch {
      return error.isTransient
        ? .failed(error.cause, retryAfter: nil) : .refused(error.cause)
    }
  }

  private func post(
    _ message: AlertMessage, _ template: WebTemplate, _ transport: any HTTPTransport,
    _ now: Instant
  ) async -> ChannelVerdict {
    let target = WebTemplate.Target(
      url: url ?? Secret(settings.apiURL), secret: secret, chat: settings.chat, now: now)
    let request = template.request(message, to: target, timeout: settings.timeout)
    do {
      return template.verdict(try await transport.send(request))
    } catch let fault as Fault {
      // The subject of the fault is the address, whose path may be the secret.
      return .failed(SecretSweep(secrets).swept(fault.cause), retryAfter: nil)
    } catch {
      return .failed("it was cut short", retryAfter: nil)
    }
  }

  private func run(_ message: AlertMessage) -> ChannelVerdict {
    do {
      try ProgramCall.run(
        settings.run, input: Array((message.text + "\n").utf8),
        environment: [
          "ALERT_KEY": message.alert.key, "ALERT_EVENT": message.event.rawValue,
          "ALERT_SEVERITY": message.alert.severity.rawValue, "ALERT_ID": "\(message.id)",
        ], timeout: settings.timeout)
      return .taken
    } catch let fault as Fault {
      return .failed(fault.cause, retryAfter: nil)
    } catch {
      return .failed("\(error)", retryAfter: nil)
    }
  }

  private static func host(of url: String) -> String {
    let told = HTTPAddress.told(url)
    let parts = told.split(separator: "/", omittingEmptySubsequences: false)
    return parts.prefix(3).joined(separator: "/")
  }

  private static func path(of url: String) -> String {
    let parts = url.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropFirst(3).joined(separator: "/")
  }
}

extension SecretSource {
  /// The secret.
  ///
  /// - Throws: a `Fault` where its file cannot be read or is empty.
  func read() throws(Fault) -> Secret {
    switch self {
    case .given(let secret): return secret
    case .file(let path):
      let text = try TextFile.read(
        path, remedy: "put the secret there, readable by this user alone")
      let line = text.prefix { !$0.isNewline }
      guard !line.isEmpty else {
        throw Fault(
          "read the secret", path, cause: "its first line is empty",
          remedy: "put the secret there", exit: .configuration)
      }
      return Secret(String(line))
    }
  }
}
