public import Domain
public import Net
import Notify
public import Settings

/// The channels of the settings, with their secrets read.
public struct ChannelSet: Sendable {
  /// The channels, in the order of the file.
  public let channels: [AlertChannel]
  /// What all messages have in common.
  public let words: MessageWords
  /// Where each job tells that it is alive.
  public let pings: [JobName: Secret]
  /// All secrets of the settings.
  public let secrets: [Secret]

  /// Reads them.
  ///
  /// - Throws: a `Fault` where a secret cannot be read.
  public init(_ settings: Settings) throws(Fault) {
    var channels: [AlertChannel] = []
    for channel in settings.notify.channels {
      channels.append(try AlertChannel(channel, network: settings.network))
    }
    self.channels = channels
    var pings: [JobName: Secret] = [:]
    for (job, source) in settings.notify.pings { pings[job] = try source.read() }
    self.pings = pings
    secrets =
      channels.flatMap(\.secrets) + pings.values + [settings.network.proxy].compactMap(\.self)
    words = MessageWords(
      mode: settings.modeText, link: settings.notify.link, secrets: SecretSweep(secrets))
  }

  /// The channel of a name.
  ///
  /// - Throws: exit 64 when there is none.
  public func channel(_ name: String) throws(Fault) -> AlertChannel {
    if let channel = channels.first(where: { $0.name == name }) { return channel }
    let names = channels.map(\.name)
    let near = Spelling.nearest(name, among: names).map { "did you mean `\($0)`?" }
    throw Fault(
      "find", "channel \(name)", cause: "the settings name no such channel",
      remedy: near
        ?? (names.isEmpty
          ? "add one to `notify: { channels: ... }`"
          : "known are \(names.joined(separator: ", "))"),
      exit: .usage)
  }

  /// Sends a test message through a channel.
  ///
  /// - Returns: nil where the channel took it, else why it did not, in one line.
  public func test(
    _ channel: AlertChannel, over transport: any HTTPTransport, now: Instant
  ) async -> String? {
    let message = words.message(
      Alert(.test, of: channel.name, "This is a test. Whoever reads it is reached."), now: now)
    return switch await channel.deliver(message, over: transport, now: now) {
    case .taken: nil
    case .failed(let reason, _), .refused(let reason): Alert.line(reason)
    }
  }
}
