import Cryptography
import Domain

/// What stands before a file of the shipped log in its object: one line of JSON, signed, which tells whose
/// it is, where it belongs, and its hash. The segments themselves are not signed.
struct LogLabel: Hashable {
  var generation: LogName
  var file: String
  var sizeBytes: Int64
  var sha256: String

  static let format = "carillon.log-object/1"
  /// Longer than any label.
  static let maximumBytes = 2048

  /// The line with its end, signed.
  func line(_ key: Ed25519Key) -> [UInt8] {
    var members = statement
    members.append(.init("key", .string("\(key.verifying)")))
    let signature = key.signature(of: Array(JSONValue.object(members).text().utf8))
    members.append(.init("signature", .string(Base64.text(signature))))
    return Array((JSONValue.object(members).text() + "\n").utf8)
  }

  private var statement: [JSONValue.Member] {
    [
      .init("schema", .string(Self.format)), .init("generation", .string("\(generation)")),
      .init("file", .string(file)), .init("size", .number(sizeBytes)),
      .init("sha256", .string(sha256)),
    ]
  }

  /// Reads a line; nil when it is none, or its signature is not of its own key.
  static func read(_ line: [UInt8]) -> (label: LogLabel, key: Ed25519VerifyingKey)? {
    let value: JSONValue
    do { value = try JSONValue.parse(line, limits: JSONValue.Limits()) } catch { return nil }
    guard let members = value.object, members.count == 7, members[6].key == "signature",
      value["schema"]?.string == format,
      let key = value["key"]?.string.flatMap({ Ed25519VerifyingKey($0) }),
      let signature = value["signature"]?.string.flatMap({ Base64.bytes($0) }),
      key.isValid(signature, of: Array(JSONValue.object(Array(members.dropLast())).text().utf8)),
      let generation = value["generation"]?.string.flatMap({ LogName($0) }),
      let file = value["file"]?.string, let size = value["size"]?.int64,
      let sha256 = value["sha256"]?.string
    else { return nil }
    return (LogLabel(generation: generation, file: file, sizeBytes: size, sha256: sha256), key)
  }
}
