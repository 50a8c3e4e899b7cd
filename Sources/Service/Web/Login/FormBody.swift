import Domain
import Hummingbird

/// The fields of a form that was sent (`application/x-www-form-urlencoded`).
enum FormBody {
  /// A longer one is refused.
  static let maximumBytes = 4096

  static func fields(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? String(parts[1]).replacing("+", with: " ") : ""
      fields[PercentEncoding.decoded(String(parts[0]))] = PercentEncoding.decoded(value)
    }
    return fields
  }

  /// Whether a browser says that a page of ours sent it; one that says nothing does not count.
  static func isOurs(_ request: Request) -> Bool {
    guard let origin = request.headers[.origin], let host = request.head.authority else {
      return false
    }
    return origin == "http://\(host)" || origin == "https://\(host)"
  }
}
