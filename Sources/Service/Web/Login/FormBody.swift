import Domain
import Hummingbird

/// The fields of a form that was sent (`application/x-www-form-urlencoded`).
enum FormBody {
  /// A longer one is refused.
  static let maximumBytes = 4096

  /// The fields of a body by name; nil where it is malformed, or one is there twice.
  static func fields(_ text: String) -> [String: String]? {
    guard let form = FormText(text) else { return nil }
    var fields: [String: String] = [:]
    for field in form.fields where fields.updateValue(field.value, forKey: field.name) != nil {
      return nil
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
