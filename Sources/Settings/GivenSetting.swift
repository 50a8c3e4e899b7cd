import Domain
public import StrictYAML

/// A setting that was given, in words, and where: nothing secret is in it.
public struct GivenSetting: Hashable, Sendable {
  /// Its keys with points between: `web.port`.
  public var name: String
  /// What was given; `mask` where it is a secret.
  public var value: String
  /// `carillon.yaml:12`, or the name of an environment variable.
  public var source: String

  /// What stands for a value that must not be shown.
  public static let mask = "••••"

  /// What is given in a document that variables of the environment were laid over, in its order.
  public static func all(in document: YAMLNode) -> [GivenSetting] { all(in: document, []) }

  private static func all(in node: YAMLNode, _ path: [String]) -> [GivenSetting] {
    switch node.content {
    case .mapping(let entries):
      return entries.flatMap { all(in: $0.value, path + [$0.key.text ?? ""]) }
    case .null: return []
    case .scalar, .sequence:
      let value = isSecret(path) ? mask : words(node)
      return [
        GivenSetting(
          name: path.joined(separator: "."), value: isAddressWithLogin(value) ? mask : value,
          source: source(of: node))
      ]
    }
  }

  /// A list, whatever is in it, as it could stand in the file.
  private static func words(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let text, _): text
    case .null: ""
    case .sequence(let elements): elements.map(words).joined(separator: ", ")
    case .mapping(let entries):
      "{ "
        + entries.map { entry in
          let key = entry.key.text ?? ""
          return "\(key): \(isSecret([key]) ? mask : words(entry.value))"
        }.joined(separator: ", ") + " }"
    }
  }

  /// Whether what stands there is for nobody to see. What a program finds in its environment is among it;
  /// the addresses of channels are, since whoever knows those of some may write there.
  private static func isSecret(_ path: [String]) -> Bool {
    guard let key = path.last else { return false }
    return ["token", "secret", "password", "proxy"].contains(key)
      || path.first == "notify" && key == "url" || path.contains("environment")
  }

  private static func isAddressWithLogin(_ value: String) -> Bool {
    value.contains("://") && value.contains("@")
  }

  private static func source(of node: YAMLNode) -> String {
    let file = node.location.file
    let variable = "environment variable "
    return file.hasPrefix(variable)
      ? String(file.dropFirst(variable.count)) : "\(file):\(node.location.line)"
  }
}
