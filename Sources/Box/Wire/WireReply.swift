public import Domain

/// What is answered to a request.
public struct WireReply: Hashable, Sendable {
  /// The status of HTTP.
  public var status: Int
  /// Headers beside those of the connection.
  public var headers: [String: String]
  /// The body.
  public var body: [UInt8]
  /// Whose the request was, where it was signed by somebody known: for the record.
  public var account: String?
  /// What the venue refused it for, in its own code or words: for the record.
  public var refusal: String?

  /// An answer in JSON.
  public init(_ json: JSONValue, status: Int = 200) {
    var bytes: [UInt8] = []
    json.write(to: &bytes)
    self.init(bytes, status: status)
  }

  /// An answer of bytes that are JSON.
  public init(_ body: [UInt8], status: Int = 200) {
    self.status = status
    self.body = body
    headers = ["Content-Type": "application/json;charset=UTF-8"]
  }

  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }
}
