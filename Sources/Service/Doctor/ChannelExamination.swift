import Domain
import Settings

extension Examination {
  /// Whether messages arrive: one is sent through each channel, where the set-up has what takes it there.
  static let channels = Examination("channels") { setup in
    guard let settings = setup.settings, let transport = setup.messenger else { return [] }
    let set = try ChannelSet(settings)
    guard !set.channels.isEmpty else {
      return [
        DoctorLine(
          "channels",
          .ill(
            "a test was asked for, and no channel is named",
            remedy: "add one: notify: { channels: ... }"))
      ]
    }
    var lines: [DoctorLine] = []
    for channel in set.channels {
      let trouble = await set.test(channel, over: transport, now: setup.time.now)
      lines.append(
        DoctorLine(
          "channel \(channel.name)",
          trouble.map {
            .ill(
              "a test was not taken (\(channel.place)): \($0)",
              remedy: "mend it, and try again: carillon notify test \(channel.name)")
          } ?? .well("a test was taken (\(channel.place))")))
    }
    return lines
  }
}
