/// Why a text is no cron expression, where in the text, and how to mend it.
public struct CronSyntaxError: Error, Hashable, Sendable {
  /// What is wrong: `hour 25 is outside 0-23`.
  public var message: String
  /// The characters at fault, counted from 0 at the beginning of the text; never empty, but it may
  /// stand just behind the end of the text.
  public var columns: Range<Int>
  /// What to write instead, nil when nothing sensible can be proposed.
  public var mend: String?

  /// An error of these parts.
  public init(_ message: String, at columns: Range<Int>, mend: String? = nil) {
    self.message = message
    self.columns = columns.isEmpty ? columns.lowerBound..<columns.lowerBound + 1 : columns
    self.mend = mend
  }
}

extension CronSyntaxError: CustomStringConvertible {
  /// `hour 25 is outside 0-23 (column 3); did you mean 1 (01:05) or 23?`
  public var description: String {
    "\(message) (column \(columns.lowerBound + 1))" + (mend.map { "; \($0)" } ?? "")
  }
}

/// Something legal in a cron expression that often is not what was meant.
public struct CronWarning: Hashable, Sendable {
  /// What will happen.
  public var message: String
  /// The characters that it is about, counted from 0.
  public var columns: Range<Int>
}
