import Domain

// What every answer for machines has in common: times in UTC, money as text, `null` for what there is not.
extension JSONValue {
  /// A time in UTC, or `null`.
  static func time(_ instant: Instant?) -> JSONValue {
    instant.map { .string("\($0)") } ?? .null
  }

  /// A text, or `null`.
  static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  /// An amount as text, or `null`.
  static func amount(_ amount: Amount?) -> JSONValue {
    amount.map { .string("\($0)") } ?? .null
  }

  /// A span in milliseconds, or `null`.
  static func span(_ span: TimeSpan?) -> JSONValue {
    span.map { .number($0.milliseconds) } ?? .null
  }

  /// A count, or `null`.
  static func count(_ count: Int?) -> JSONValue { count.map { .number($0) } ?? .null }

  /// A ratio, or `null`.
  static func ratio(_ ratio: Double?) -> JSONValue { ratio.map { .number($0) } ?? .null }
}
