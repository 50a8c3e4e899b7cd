public import Domain

/// What goes through a channel: an event of an alert in words.
public struct AlertMessage: Hashable, Sendable {
  /// The number of the event: a message that comes twice bears the same.
  public var id: Int64
  /// The number of the alert: its messages belong together.
  public var alertID: Int64
  /// What is told of the alert.
  public var event: AlertEvent
  /// The alert.
  public var alert: Alert
  /// When the event was.
  public var time: Instant
  /// Since when the alert holds.
  public var since: Instant
  /// How often its cause has happened.
  public var count: Int
  /// `paper` or `live`.
  public var mode: String
  /// The address of the page of alerts; nil where none is known.
  public var link: String?

  /// A message of these parts, in which no secret is left.
  public init(
    id: Int64, alertID: Int64, event: AlertEvent, alert: Alert, time: Instant, since: Instant,
    count: Int = 1, mode: String, link: String? = nil, without secrets: SecretSweep = SecretSweep()
  ) {
    (self.id, self.alertID, self.event, self.time) = (id, alertID, event, time)
    (self.since, self.count, self.mode) = (since, count, mode)
    self.link = link.map { "\($0)/alerts" }
    var clean = alert
    clean.text = Alert.line(secrets.swept(alert.text))
    clean.subject = alert.subject.map { Alert.line(secrets.swept($0)) }
    clean.remedy = alert.remedy.map { Alert.line(secrets.swept($0)) }
    self.alert = clean
  }

  /// `[critical] Job failed: fetch`, `[over] Job failed: fetch`.
  public var title: String {
    let subject = alert.subject.map { ": \($0)" } ?? ""
    return "[\(word)] \(alert.kind.title)\(subject)"
  }

  /// One line each: what happened; since when and how often; what to do; where to look.
  public var lines: [String] {
    var lines = [alert.text]
    var facts = ["\(time) (\(mode))"]
    if event != .noted, since != time { facts.append("since \(since)") }
    if count > 1 { facts.append("\(count) times") }
    lines.append(facts.joined(separator: ", "))
    if event != .closed, let remedy = alert.remedy { lines.append("next: \(remedy)") }
    if let link { lines.append(link) }
    return lines
  }

  /// Title and lines.
  public var text: String { ([title] + lines).joined(separator: "\n") }

  private var word: String {
    switch event {
    case .opened, .noted: alert.severity.rawValue
    case .repeated: "still \(alert.severity.rawValue)"
    case .closed: "over"
    }
  }

  /// Title and lines, of which no more is left than a channel takes: what is too long is cut where it is
  /// longest, at the text.
  ///
  /// - Parameter size: how much a text takes of the limit.
  public func text(within limit: Int, _ size: (String) -> Int) -> String {
    guard size(text) > limit else { return text }
    var cut = self
    while !cut.alert.text.isEmpty {
      cut.alert.text = String(cut.alert.text.prefix(cut.alert.text.count / 2))
      let shown = ([title, cut.alert.text + "…"] + lines.dropFirst()).joined(separator: "\n")
      if size(shown) <= limit { return shown }
    }
    var shown = title
    while size(shown) > limit { shown.removeLast() }
    return shown
  }

  /// For machines.
  public var json: JSONValue {
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    return .object([
      .init("schema", .string("carillon.alert/1")), .init("id", .number(id)),
      .init("alert", .number(alertID)), .init("event", .string(event.rawValue)),
      .init("key", .string(alert.key)), .init("kind", .string(alert.kind.rawValue)),
      .init("subject", text(alert.subject)), .init("severity", .string(alert.severity.rawValue)),
      .init("title", .string(title)), .init("text", .string(alert.text)),
      .init("remedy", text(alert.remedy)), .init("time", .string("\(time)")),
      .init("since", .string("\(since)")), .init("count", .number(count)),
      .init("mode", .string(mode)), .init("link", text(link)),
    ])
  }
}

/// Takes secrets out of texts that go to others, wherever they came from: a program's error, an address.
public struct SecretSweep: Sendable {
  private let secrets: [Secret]

  /// The shortest secret that is looked for: shorter ones are words.
  private static let shortest = 6

  /// A sweep of these secrets.
  public init(_ secrets: [Secret] = []) {
    self.secrets = secrets.filter { $0.reveal { $0.count } >= Self.shortest }
      .sorted { a, b in a.reveal { $0.count } > b.reveal { $0.count } }
  }

  /// The text without them.
  public func swept(_ text: String) -> String {
    secrets.reduce(text) { text, secret in secret.reveal { text.replacing($0, with: "••••") } }
  }
}
