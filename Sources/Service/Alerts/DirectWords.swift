import Domain

/// What is told straight from memory while the database cannot be written: of each key once in an hour.
struct DirectWords {
  /// Once in so long.
  static let interval = TimeSpan.hours(1)
  /// So many keys are remembered at most.
  static let mostKeys = 200

  private var told: [String: Instant] = [:]
  /// What was told and is no row yet.
  private(set) var owed: [Alert] = []

  /// Whether an alert is to be told now; it counts as told then.
  mutating func admits(_ alert: Alert, now: Instant) -> Bool {
    if let last = told[alert.key], last <= now, now - last < Self.interval { return false }
    guard told.count < Self.mostKeys || told[alert.key] != nil else { return false }
    told[alert.key] = now
    owed.removeAll { $0.key == alert.key }
    owed.append(alert)
    return true
  }

  /// The database takes rows again: what was told becomes one.
  mutating func takeOwed() -> [Alert] {
    defer { owed = [] }
    return owed
  }
}
