import Domain

/// Parameters as the query of an address and as the body of a form: `a=1&b=2`.
enum QueryText {
  /// The text, in order, percent-encoded.
  static func text(_ parameters: [(String, String)]) -> String {
    parameters
      .map { "\(PercentEncoding.encoded($0.0))=\(PercentEncoding.encoded($0.1))" }
      .joined(separator: "&")
  }
}
