import Testing

/// A place where a house rule is broken.
struct Violation: Hashable, CustomStringConvertible {
  var path: String
  var line: Int
  var what: String

  var description: String { "\(path):\(line): \(what)" }
}

/// A place where a rule may be broken, and why.
struct Exception {
  /// A file, or a folder ended by `/`.
  var place: String
  /// What may stand there, as the rule names it.
  var what: String
  var reason: String

  func covers(_ violation: Violation) -> Bool {
    violation.what == what
      && (violation.path == place || place.hasSuffix("/") && violation.path.hasPrefix(place))
  }
}

/// Expects that all violations are covered by an exception, and that no exception is left over.
func expectOnly(
  _ exceptions: [Exception], among violations: [Violation], mend: Comment,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let open = violations.filter { violation in !exceptions.contains { $0.covers(violation) } }
  #expect(open.isEmpty, mend, sourceLocation: sourceLocation)
  let idle = exceptions.filter { exception in !violations.contains(where: exception.covers) }
  #expect(
    idle.map { "\($0.place): \($0.what)" }.isEmpty,
    "an exception that nothing needs any more must go", sourceLocation: sourceLocation)
  for exception in exceptions {
    #expect(exception.reason.count > 10, "an exception needs its reason")
  }
}
