public import Domain

/// What must answer before the service begins: `CARILLON_WAIT_FOR`, and for how long it is waited for.
///
/// Whoever starts several things at once, such as Compose on a host that just came up, needs no script
/// around the program for it.
public struct Awaited: Hashable, Sendable {
  /// One of them.
  public enum Target: Hashable, Sendable, CustomStringConvertible {
    /// Something that takes connections.
    case tcp(host: String, port: UInt16)
    /// An address that answers below 400.
    case http(String)

    /// As it was written, without what may be secret in it.
    public var description: String {
      switch self {
      case .tcp(let host, let port): "tcp://\(host.contains(":") ? "[\(host)]" : host):\(port)"
      case .http(let url): HTTPAddress.told(url)
      }
    }
  }

  /// What to do next.
  public enum Step: Hashable, Sendable {
    /// All have answered.
    case begin
    /// Ask these, and look again.
    case ask([Target])
    /// The time is up: the fault ends the program with 69.
    case giveUp(Fault)
  }

  /// What is waited for, in the order of the text.
  public let targets: [Target]
  /// The time for all together.
  public let limit: TimeSpan

  /// The limit unless another is given.
  public static let standardLimit = TimeSpan.seconds(60)
  /// The most that may be waited for.
  public static let maximumTargets = 16

  /// What a text names, separated by blanks or commas: `tcp://db:5432 http://proxy:8080/health`.
  ///
  /// - Parameter limit: `CARILLON_WAIT_LIMIT`, such as `2m`; nil: a minute.
  /// - Throws: a fault with exit 78 that names every mistake.
  public init(_ text: String, limit: String? = nil) throws(Fault) {
    var mistakes: [String] = []
    var targets: [Target] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" || $0 == "\t" }) {
      if let target = Self.target(word) {
        targets.append(target)
      } else {
        mistakes.append(
          "`\(HTTPAddress.told(String(word)))` is no tcp://HOST:PORT and no http(s) address")
      }
    }
    if targets.count > Self.maximumTargets {
      mistakes.append("\(targets.count) are more than \(Self.maximumTargets)")
    }
    let span = limit.map { TimeSpan($0) } ?? Self.standardLimit
    if span == nil || span.map({ $0 <= .zero }) == true {
      mistakes.append("CARILLON_WAIT_LIMIT=`\(limit ?? "")` is no span above 0")
    }
    guard mistakes.isEmpty, let span else {
      throw Fault(
        "read", "CARILLON_WAIT_FOR", cause: mistakes.joined(separator: "; "),
        remedy: "write it like tcp://db:5432 http://proxy:8080/health, and the limit like 2m",
        exit: .configuration)
    }
    (self.targets, self.limit) = (targets, span)
  }

  private static func target(_ word: Substring) -> Target? {
    if word.hasPrefix("http://") || word.hasPrefix("https://") {
      let rest = word.drop { $0 != ":" }.dropFirst(3)
      return rest.isEmpty || rest.hasPrefix("/") ? nil : .http(String(word))
    }
    guard word.hasPrefix("tcp://"), let colon = word.lastIndex(of: ":"),
      let port = UInt16(word[word.index(after: colon)...]), port > 0
    else { return nil }
    var host = word[
      word.index(
        word.startIndex, offsetBy: 6)..<max(colon, word.index(word.startIndex, offsetBy: 6))]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, !host.contains("/") else { return nil }
    return .tcp(host: String(host), port: port)
  }

  /// What to do, when some have answered and so much time has passed.
  ///
  /// - Parameter troubles: why the others have not, as far as it is known.
  public func next(
    answered: Set<Target>, waited: TimeSpan, troubles: [Target: String] = [:]
  ) -> Step {
    let left = targets.filter { !answered.contains($0) }
    if left.isEmpty { return .begin }
    guard waited >= limit else { return .ask(left) }
    let told = left.map { target in troubles[target].map { "\(target) (\($0))" } ?? "\(target)" }
    return .giveUp(
      Fault(
        "wait for", "what CARILLON_WAIT_FOR names",
        cause: "no answer within \(limit) from \(told.joined(separator: ", "))",
        remedy: "start it first, or give it longer: CARILLON_WAIT_LIMIT=5m", exit: .unavailable))
  }
}
