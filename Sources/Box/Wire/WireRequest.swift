/// A request as it came over the wire.
public struct WireRequest: Hashable, Sendable {
  /// `GET`, `POST`, `PUT`, `DELETE`.
  public var method: String
  /// The path from the first slash to the question mark.
  public var path: String
  /// What stands behind the question mark, as it was sent.
  public var query: String
  /// The headers by their names in lower case.
  public var headers: [String: String]
  /// The body as it was sent.
  public var body: String

  /// A request of these parts.
  public init(
    _ method: String, _ path: String, query: String = "", headers: [String: String] = [:],
    body: String = ""
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }
}
