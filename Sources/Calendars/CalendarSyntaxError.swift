/// Why a calendar file cannot be read, where, and how to mend it.
public struct CalendarSyntaxError: Error, Hashable, Sendable {
  /// What is wrong.
  public var message: String
  /// The line, from 1.
  public var line: Int
  /// The column in characters, from 1.
  public var column: Int
  /// What to write instead.
  public var mend: String?
}

extension CalendarSyntaxError: CustomStringConvertible {
  /// `6:8: 2026-02-30 is no date; write YYYY-MM-DD`.
  public var description: String {
    "\(line):\(column): \(message)" + (mend.map { "; \($0)" } ?? "")
  }
}
