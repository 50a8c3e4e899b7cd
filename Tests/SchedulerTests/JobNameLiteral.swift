public import Domain

/// The names of tests are literals.
extension JobName: ExpressibleByStringLiteral {
  /// A name that is known to be one.
  public init(stringLiteral text: String) {
    guard let name = JobName(text) else { preconditionFailure("not a job's name: \(text)") }
    self = name
  }
}
