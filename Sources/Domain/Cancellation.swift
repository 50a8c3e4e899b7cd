/// What the ledger says of runs, slots and debts that a person ended.
public enum Cancellation {
  /// What each such reason begins with.
  public static let words = "cancelled by hand"

  /// The reason of what a person cancelled.
  ///
  /// - Parameter why: the person's own words, if any were given.
  public static func reason(_ why: String?) -> String { why.map { "\(words): \($0)" } ?? words }

  /// Whether a reason is of that kind.
  public static func isReason(_ reason: String?) -> Bool { reason?.hasPrefix(words) ?? false }
}
