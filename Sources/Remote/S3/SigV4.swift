import Cryptography
import Domain

/// Signatures of requests to Amazon's services and to stores that speak like them (Signature Version 4,
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
struct SigV4: Sendable {
  let accessKey: String
  let secretKey: Secret
  let region: String
  private static let service = "s3"
  private static let algorithm = "AWS4-HMAC-SHA256"

  /// The value of the header `Authorization`.
  ///
  /// - Parameters:
  ///   - method: `GET` and so on.
  ///   - path: the path, encoded as it is sent.
  ///   - query: names and values, not encoded.
  ///   - headers: those that are signed, `host`, `x-amz-date` and `x-amz-content-sha256` among them.
  ///   - payloadSHA256: the hash of the body, in hexadecimal.
  ///   - now: the time that `x-amz-date` tells.
  func authorization(
    _ method: String, path: String, query: [(name: String, value: String)],
    headers: [(name: String, value: String)], payloadSHA256: String, now: Instant
  ) -> String {
    let lines: [(name: String, value: String)] = headers.map { field in
      (name: field.name.lowercased(), value: field.value)
    }.sorted { a, b in a.name < b.name }
    let names = lines.map(\.name).joined(separator: ";")
    let signed = lines.map { field in field.name + ":" + field.value + "\n" }.joined()
    let parts: [String] = [method, path, Self.canonical(query), signed, names, payloadSHA256]
    let request = parts.joined(separator: "\n")
    let time = Self.time(now)
    let scope = "\(time.prefix(8))/\(region)/\(Self.service)/aws4_request"
    let text = [Self.algorithm, time, scope, SHA256.hexadecimal(request.utf8)]
      .joined(separator: "\n")
    let signature = Hexadecimal.text(
      HMAC.code(of: Array(text.utf8), key: key(of: time.prefix(8)), .sha256))
    return "\(Self.algorithm) Credential=\(accessKey)/\(scope), SignedHeaders=\(names), "
      + "Signature=\(signature)"
  }

  /// The query as it is signed and sent: sorted, encoded.
  static func canonical(_ query: [(name: String, value: String)]) -> String {
    let pairs: [(name: String, value: String)] = query.map { pair in
      (name: PercentEncoding.encoded(pair.name), value: PercentEncoding.encoded(pair.value))
    }
    let sorted = pairs.sorted { a, b in a.name == b.name ? a.value < b.value : a.name < b.name }
    let texts: [String] = sorted.map { pair in pair.name + "=" + pair.value }
    return texts.joined(separator: "&")
  }

  /// A time as `20130524T000000Z`.
  static func time(_ instant: Instant) -> String {
    String(Instant(seconds: instant.seconds).description.filter { $0 != "-" && $0 != ":" })
  }

  private func key(of day: Substring) -> [UInt8] {
    let first = secretKey.reveal { Array("AWS4\($0)".utf8) }
    return [String(day), region, Self.service, "aws4_request"].reduce(first) { key, word in
      HMAC.code(of: Array(word.utf8), key: key, .sha256)
    }
  }
}
