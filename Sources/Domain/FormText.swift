/// Names and values as queries and forms carry them: `a=1&b=x%20y`.
public struct FormText: Hashable, Sendable {
  /// One of them.
  public struct Field: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// A field of these parts.
    public init(name: String, value: String) { (self.name, self.value) = (name, value) }
  }

  /// All of them in their order.
  public let fields: [Field]

  /// More than any call has.
  public static let maximumFields = 64

  /// Reads a text; nil where percent-encoding is malformed, what it stands for is no text, or there are
  /// too many fields.
  public init?(_ text: String) {
    var fields: [Field] = []
    for pair in text.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard fields.count < Self.maximumFields,
        let name = PercentEncoding.decoded(sides[0], isForm: true),
        let value = PercentEncoding.decoded(sides.count == 2 ? sides[1] : "", isForm: true)
      else { return nil }
      fields.append(Field(name: name, value: value))
    }
    self.fields = fields
  }
}
