import Domain
import Settings
import StrictYAML
import Testing

/// What the settings say of who is told.
@Suite struct NotifySettingsTests {
  private func read(
    _ notify: String, environment: [String: String] = [:]
  ) throws -> NotifySettings {
    let text = BuiltInSettings.text + "\nnotify:\n" + notify
    return try Settings.read(text, file: "/etc/c/carillon.yaml", environment: environment)
      .settings.notify
  }

  private func mistakes(_ notify: String, environment: [String: String] = [:]) -> [String] {
    do {
      _ = try read(notify, environment: environment)
      return []
    } catch let diagnostics as Diagnostics {
      return diagnostics.items.map { $0.message + ($0.mend.map { " | \($0)" } ?? "") }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func everyKind() throws {
    let notify = try read(
      """
        link: https://example.org/
        quiet-hours: { from: "22:00", to: "07:30", timezone: Europe/Paris }
        channels:
          hook: { kind: webhook, url: "https://example.org/x", secret-file: hook.secret }
          ops: { kind: slack, url-file: /run/secrets/slack, severity: warning }
          game: { kind: discord, url-file: d.url, timeout: 5s }
          phone: { kind: ntfy, url: "https://ntfy.sh/topic" }
          chat: { kind: telegram, chat: "-100", token-file: t }
          mail: { kind: email, host: mail.example.org, tls: implicit, from: a@example.org, to: b@example.org }
          wall: { kind: program, run: [./wall, --loud] }
        pings:
          fetch: { url: "https://hc-ping.com/1" }

      """)
    #expect(notify.link == "https://example.org")
    #expect(notify.quietHours?.from == 22 * 60)
    #expect(notify.quietHours?.to == 7 * 60 + 30)
    #expect(
      notify.channels.map(\.name) == ["hook", "ops", "game", "phone", "chat", "mail", "wall"])
    #expect(notify.channels[0].secret == .file("/etc/c/hook.secret"))
    #expect(notify.channels[1].url == .file("/run/secrets/slack"))
    #expect(notify.channels[1].severity == .warning)
    #expect(notify.channels[2].timeout == .seconds(5))
    #expect(notify.channels[5].port == 465)
    #expect(notify.channels[6].run == ["./wall", "--loud"])
    #expect(notify.pings.keys.map(\.text) == ["fetch"])
  }

  @Test func aSecretComesFromTheEnvironment() throws {
    let notify = try read(
      "  channels:\n    chat: { kind: telegram, chat: \"1\" }\n",
      environment: ["CARILLON_NOTIFY__CHANNELS__CHAT__TOKEN": "1:AA"])
    #expect(notify.channels.first?.secret == .given(Secret("1:AA")))
  }

  /// Who is listened to: nobody unless it is said, and then the chat that is told.
  @Test(arguments: [
    ("", ChannelSettings.Commands.none, []), ("commands: none", .none, []),
    ("commands: read", .read, ["-100"]),
    ("commands: act, chats: [\"-100\", \"42\"]", .act, ["-100", "42"]),
    ("commands: act, chats: []", .act, []),
  ])
  func whoIsListenedTo(
    _ keys: String, _ commands: ChannelSettings.Commands, _ chats: [String]
  ) throws {
    let more = keys.isEmpty ? "" : ", \(keys)"
    let notify = try read(
      "  channels:\n    chat: { kind: telegram, chat: \"-100\", token-file: t\(more) }\n")
    #expect(notify.channels[0].commands == commands)
    #expect(notify.channels[0].chats == chats)
  }

  /// A channel, and what is wrong with it.
  static let wrong: [(channel: String, words: String)] = [
    ("{ kind: telegram, chat: \"1\", token: \"1:AA\" }", "`token` is a secret"),
    ("{ kind: slack, url: \"https://hooks.slack.com/x\" }", "`url` is a secret"),
    ("{ kind: slack }", "`url-file` is missing"),
    ("{ kind: webhook, url: \"ftp://example.org\" }", "must start with https://"),
    ("{ kind: webhook }", "`url` is missing"), ("{ kind: slck, url-file: x }", "slack"),
    ("{ kind: ntfy, url: \"https://x.org/t\", tokn-file: x }", "did you mean `token-file`?"),
    ("{ kind: email, host: m.example.org, tls: none, from: a@x.org, to: b@x.org }", "in the clear"),
    ("{ kind: email, host: m.example.org, user: me, from: a@x.org, to: b@x.org }", "and not both"),
    (
      "{ kind: email, host: m.example.org, from: \"a@x.org\\r\\nBcc: c@x.org\", to: b@x.org }",
      "an address like"
    ),
    ("{ kind: email, host: m.example.org, from: a@x.org, to: \"B <b@x.org>\" }", "an address like"),
    ("{ kind: program, run: [] }", "names no program"),
    ("{ kind: ntfy, url: \"https://x.org/t\", severity: loud }", "severity"),
    ("{ kind: telegram, chat: \"@ops\", token-file: t, commands: read }", "no number of a chat"),
    (
      "{ kind: telegram, chat: \"1\", token-file: t, commands: act, chats: [\"2\", \"kim\"] }",
      "`kim` is no number"
    ),
    ("{ kind: telegram, chat: \"1\", token-file: t, chats: [\"2\"] }", "nobody is listened to"),
    ("{ kind: telegram, chat: \"1\", token-file: t, commands: all }", "commands"),
    ("{ kind: slack, url-file: x, commands: read }", "unknown key `commands`"),
  ]

  @Test(arguments: wrong)
  func aMistakeIsTold(_ channel: String, _ words: String) {
    let found = mistakes("  channels:\n    one: \(channel)\n")
    #expect(found.contains { $0.contains(words) }, "\(found)")
  }

  @Test(arguments: [
    ("{ from: \"25:00\", to: \"07:00\" }", "a time of day"),
    ("{ from: \"22:00\" }", "`to` is missing"),
    ("{ from: \"22:00\", to: \"22:00\" }", "are none"),
    ("{ from: \"22:00\", to: \"07:00\", timezone: Europe/Pariss }", "Europe/Paris"),
  ])
  func wrongHours(_ hours: String, _ words: String) {
    let found = mistakes("  quiet-hours: \(hours)\n")
    #expect(found.contains { $0.contains(words) }, "\(found)")
  }

  /// An instant, and the end of the quiet hours that it is in. Paris leaves winter time on 2027-03-28 at
  /// 02:00 and comes back to it on 2026-10-25 at 03:00.
  static let hours: [(from: String, to: String, zone: String, now: String, end: String?)] = [
    ("22:00", "07:00", "UTC", "2026-11-20T21:59:59Z", nil),
    ("22:00", "07:00", "UTC", "2026-11-20T22:00:00Z", "2026-11-21T07:00:00Z"),
    ("22:00", "07:00", "UTC", "2026-11-21T06:59:59Z", "2026-11-21T07:00:00Z"),
    ("22:00", "07:00", "UTC", "2026-11-21T07:00:00Z", nil),
    ("09:00", "17:30", "UTC", "2026-11-20T12:34:56Z", "2026-11-20T17:30:00Z"),
    ("22:00", "07:00", "Europe/Paris", "2026-11-20T21:00:00Z", "2026-11-21T06:00:00Z"),
    ("22:00", "07:00", "Europe/Paris", "2027-03-27T22:00:00Z", "2027-03-28T05:00:00Z"),
    ("22:00", "07:00", "Europe/Paris", "2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"),
  ]

  @Test(arguments: hours)
  func quietHours(
    _ from: String, _ to: String, _ zone: String, _ now: String, _ end: String?
  ) throws {
    let notify = try read(
      "  quiet-hours: { from: \"\(from)\", to: \"\(to)\", timezone: \(zone) }\n")
    let time = try #require(Instant(rfc3339: now))
    #expect(notify.quietHours?.end(at: time) == end.flatMap { Instant(rfc3339: $0) })
  }
}
