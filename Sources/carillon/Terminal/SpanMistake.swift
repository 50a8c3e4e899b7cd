import ArgumentParser
import Domain

/// What is said of a text that should be a span.
enum SpanMistake {
  /// The error for a value of an option; `example` is one that would do.
  static func error(_ name: String, _ text: String, like example: String) -> ValidationError {
    let cause =
      TimeSpan.isTooLong(text)
      ? "is too long: the longest span is \(TimeSpan.longest) (100 years)"
      : "is no span"
    return ValidationError("\(name) \(text) \(cause); write it like \(example)")
  }
}
