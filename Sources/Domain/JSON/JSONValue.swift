/// A JSON document: objects keep the order of their keys, numbers keep their text.
///
/// Reading is bounded in size and depth, refuses a key given twice, and tells line and column of
/// what is wrong. Source of the grammar: RFC 8259.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number as it was written, so that nothing is rounded before it is asked for.
  case number(String)
  /// A string, unescaped.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object in the order of the text.
  case object([Member])

  /// One key of an object with its value.
  public struct Member: Hashable, Sendable {
    /// The key, unescaped.
    public var key: String
    /// Its value.
    public var value: JSONValue

    /// A key with its value.
    public init(_ key: String, _ value: JSONValue) { (self.key, self.value) = (key, value) }
  }

  /// The number nearest to `value`, in the fewest digits that read back as the same; null for NaN
  /// and infinities, which JSON has no word for.
  public static func number(_ value: Double) -> JSONValue {
    value.isFinite ? .number("\(value)") : .null
  }

  /// A whole number.
  public static func number(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }
}

extension JSONValue {
  /// The number, correctly rounded (an infinity where it is too large); nil when this is no number.
  public var double: Double? {
    guard case .number(let text) = self else { return nil }
    return Double(text)
  }

  /// The number rounded once to single precision; nil when this is no number.
  public var float: Float? {
    guard case .number(let text) = self else { return nil }
    return Float(text)
  }

  /// The number where it is written as a whole number that fits; nil otherwise.
  public var int: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text)
  }

  /// As `int`, for times and ids.
  public var int64: Int64? { int.map(Int64.init) }

  /// The string; nil when this is none.
  public var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The truth value; nil when this is none.
  public var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The elements; nil when this is no array.
  public var array: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The members in the order of the text; nil when this is no object.
  public var object: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// The value of a key, looked up from the first member on; nil when this is no object or has no
  /// such key.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// What kind of value this is, for messages: `an object`, `a number`.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// Text that is not JSON, or more of it than is allowed: where, and what was expected.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public var line: Int
  /// The column, from 1, in characters.
  public var column: Int
  /// What is wrong there.
  public var message: String

  /// `3:14: expected a value`.
  public var description: String { "\(line):\(column): \(message)" }
}
