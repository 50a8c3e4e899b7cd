import Domain

/// Where a bucket answers, and where in it our objects lie.
struct S3Bucket: Hashable, Sendable {
  let name: String
  /// What stands before each name, with its slash; empty for the bucket itself.
  let prefix: String
  /// `https://HOST[:PORT]`.
  let origin: String
  /// `HOST[:PORT]`, as the header tells it.
  let host: String
  /// Whether the bucket's name stands in the path, as stores of one's own have it.
  let isInPath: Bool

  /// Reads `s3://BUCKET/PREFIX`; nil for anything else.
  init?(url: String, endpoint: String?, region: String) {
    guard url.hasPrefix("s3://") else { return nil }
    let parts = url.dropFirst(5).split(separator: "/", omittingEmptySubsequences: true)
    guard let name = parts.first.map(String.init) else { return nil }
    self.name = name
    prefix = parts.dropFirst().map { "\($0)/" }.joined()
    if let endpoint {
      (origin, isInPath) = (endpoint, true)
    } else if name.contains(".") {
      // A certificate for *.s3 covers no name with a dot in it.
      (origin, isInPath) = ("https://s3.\(region).amazonaws.com", true)
    } else {
      (origin, isInPath) = ("https://\(name).s3.\(region).amazonaws.com", false)
    }
    guard let scheme = origin.firstRange(of: "://") else { return nil }
    host = String(origin[scheme.upperBound...].prefix { $0 != "/" })
  }

  /// `s3://BUCKET/PREFIX`, for people.
  var place: String { "s3://\(name)" + (prefix.isEmpty ? "" : "/\(prefix.dropLast())") }

  /// The path of a key, encoded; of the bucket where the key is empty.
  func path(of key: String) -> String {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
      .map { PercentEncoding.encoded(String($0)) }.joined(separator: "/")
    return isInPath ? "/\(name)" + (key.isEmpty ? "" : "/\(parts)") : "/\(parts)"
  }
}
