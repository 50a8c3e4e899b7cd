/// What ails the storage under the database, so that all who write wait, or give up, by one rule.
public enum StorageTrouble: String, CaseIterable, Sendable {
  /// Another process writes, and has not let go in time.
  case busy
  /// The disk is full.
  case full
  /// The disk, or the right to use it, fails.
  case failing
  /// The database is not where it was: removed, renamed, or another lies in its place.
  case gone

  /// Whether no order may be sent meanwhile: what cannot be put on record is not to happen. Another
  /// process that writes is waited for instead.
  public var haltsTrading: Bool { self != .busy }
}
