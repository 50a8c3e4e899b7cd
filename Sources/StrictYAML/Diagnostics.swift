public import Domain

/// All the mistakes of a file, in the order of their places, as an error to throw or warnings to
/// show.
public struct Diagnostics: Error, Hashable, Sendable {
  /// The mistakes, sorted by place.
  public private(set) var items: [Diagnostic]

  /// These mistakes, sorted by place; mistakes at one place keep their order.
  public init(_ items: [Diagnostic] = []) {
    self.items = items.enumerated().sorted { a, b in
      let (p, q) = (a.element.location, b.element.location)
      return (p.file, p.line, p.column, a.offset) < (q.file, q.line, q.column, b.offset)
    }.map(\.element)
  }

  /// Whether one of them makes the file unusable.
  public var hasErrors: Bool { items.contains { $0.severity == .error } }

  /// `2 errors, 1 warning`; `no mistakes` for none.
  public var summary: String {
    let errors = items.count { $0.severity == .error }
    let warnings = items.count - errors
    var parts: [String] = []
    if errors > 0 { parts.append(errors == 1 ? "1 error" : "\(errors) errors") }
    if warnings > 0 { parts.append(warnings == 1 ? "1 warning" : "\(warnings) warnings") }
    return parts.isEmpty ? "no mistakes" : parts.joined(separator: ", ")
  }

  /// The mistakes as a compiler draws them: place and message, the line of the source, a caret with
  /// the mend; the last line is the summary.
  ///
  /// - Parameters:
  ///   - sources: The text of each file by its name; a file that is not there is not quoted.
  ///   - color: Whether to use terminal colours.
  ///   - conclusion: What follows from it all, behind the summary: `the previous schedule stays
  ///     active`.
  public func rendered(
    sources: [String: String], color: Bool, conclusion: String? = nil
  ) -> String {
    let listing = DiagnosticListing(
      sources: sources, secrets: items.filter(\.isSecret), color: color)
    let parts = items.map { listing.drawing(of: $0) }
    return (parts + [summary + (conclusion.map { "; \($0)" } ?? "")]).joined(separator: "\n")
  }

  /// The first error as a fault of the command that read the file, saying how many more there are.
  ///
  /// - Parameters:
  ///   - operation: What was being done: `read`.
  ///   - subject: What it was done to: `the schedules file`.
  public func asFault(_ operation: String, _ subject: String) -> Fault {
    guard let first = items.first(where: { $0.severity == .error }) ?? items.first else {
      return Fault(operation, subject, cause: "no reason was given", exit: .configuration)
    }
    let more = items.count > 1 ? " (\(summary) in all)" : ""
    return Fault(
      operation, subject, cause: first.message + more, remedy: first.mend, exit: .configuration,
      location: first.location)
  }
}

extension Diagnostics: CustomStringConvertible {
  /// One line for each mistake.
  public var description: String { items.map(\.description).joined(separator: "\n") }
}
