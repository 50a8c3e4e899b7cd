import Domain
import StrictYAML

/// Environment variables laid over the settings file: `CARILLON_WEB__PORT=9000` is `web: { port:
/// 9000 }`; two underscores separate keys, one stands for a hyphen.
///
/// A variable that names no key is an error, since a silent typing mistake costs money; that is
/// found where the keys are read, because here it becomes a key like any other.
struct EnvironmentOverlay {
  /// Variables that are Carillon's but not settings.
  private static let others: Set<String> = [
    "CARILLON_SCHEDULES", "CARILLON_CONFIG", "CARILLON_STOP_GRACE", "CARILLON_LIVE_ARMED",
    "CARILLON_SHARED", "CARILLON_HALT", "CARILLON_WAIT_FOR", "CARILLON_WAIT_LIMIT",
    // What a program that a job runs is told, so that it can call Carillon in turn.
    "CARILLON_JOB", "CARILLON_SLOT", "CARILLON_RUN", "CARILLON_ATTEMPT", "CARILLON_DATABASE",
  ]
  private static let prefix = "CARILLON_"

  private let variables: [(name: String, path: [String], value: String)]

  init(_ environment: [String: String]) {
    variables =
      environment
      .filter { $0.key.hasPrefix(Self.prefix) && !Self.others.contains($0.key) }
      .sorted { $0.key < $1.key }
      .map { name, value in
        let keys = Self.keys(of: name)
        return (name, keys, value)
      }
  }

  private static func keys(of name: String) -> [String] {
    var keys: [String] = [""]
    var rest = Substring(name.dropFirst(prefix.count))
    while !rest.isEmpty {
      if rest.hasPrefix("__") {
        keys.append("")
        rest = rest.dropFirst(2)
      } else {
        let character = rest.removeFirst()
        keys[keys.count - 1] += character == "_" ? "-" : character.lowercased()
      }
    }
    return keys
  }

  /// The document with every variable's value in its place.
  func applied(to document: YAMLNode, log: DiagnosticLog) -> YAMLNode {
    variables.reduce(document) { node, variable in
      let place = SourceLocation(file: "environment variable \(variable.name)", line: 1, column: 1)
      guard !variable.path.contains("") else {
        log.add(Diagnostic(.error, at: YAMLNode(.null, at: place), "it names no setting"))
        return node
      }
      if let near = Self.meant(variable.path) {
        log.error(
          at: YAMLNode(.null, at: place), "`\(variable.name)` names no setting",
          mend: "did you mean `\(near)`? Two underscores stand between keys")
        return node
      }
      let scalar = YAMLNode(
        .scalar(variable.value, .plain), at: place, length: max(1, variable.value.count))
      return Self.setting(variable.path[...], to: scalar, in: node)
    }
  }

  /// The variable that one underscore too few made another of: `CARILLON_WEB_PORT`.
  private static func meant(_ path: [String]) -> String? {
    guard path.count == 1, let hyphen = path[0].firstIndex(of: "-"),
      sections.contains(String(path[0][..<hyphen]))
    else { return nil }
    let (section, key) = (path[0][..<hyphen], path[0][path[0].index(after: hyphen)...])
    return "\(prefix)\(section.uppercased())__\(key.replacing("-", with: "_").uppercased())"
  }

  /// The sections of the settings.
  private static let sections: Set<String> = [
    "database", "venues", "accounts", "market", "defaults", "web", "log", "notify", "health",
    "snapshot",
  ]

  private static func setting(
    _ path: ArraySlice<String>, to value: YAMLNode, in node: YAMLNode
  ) -> YAMLNode {
    guard let key = path.first else { return value }
    var entries = node.entries ?? []
    let rest = path.dropFirst()
    if let index = entries.firstIndex(where: { $0.key.text == key }) {
      entries[index].value = setting(rest, to: value, in: entries[index].value)
    } else {
      let keyNode = YAMLNode(.scalar(key, .plain), at: value.location, length: 1)
      let inner = setting(rest, to: value, in: YAMLNode(.mapping([]), at: value.location))
      entries.append(YAMLNode.Entry(key: keyNode, value: inner))
    }
    return YAMLNode(.mapping(entries), at: node.location, length: node.length)
  }
}
