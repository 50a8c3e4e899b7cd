import Domain

/// Which snapshots stay: the newest ones, and the newest of each of so many days, weeks and months
/// (UTC; weeks begin on Monday) that have any.
public struct KeepPolicy: Hashable, Sendable {
  /// How many of the newest stay in any case, at least 1.
  public var latest: Int
  /// Of how many days the newest stays.
  public var daily: Int
  /// Of how many weeks the newest stays.
  public var weekly: Int
  /// Of how many months the newest stays.
  public var monthly: Int

  /// Two weeks of days and a year of months.
  public static let standard = KeepPolicy(latest: 3, daily: 14, weekly: 0, monthly: 12)

  /// A policy of these numbers.
  public init(latest: Int, daily: Int, weekly: Int, monthly: Int) {
    self.latest = max(latest, 1)
    (self.daily, self.weekly, self.monthly) = (daily, weekly, monthly)
  }

  /// Why each of these snapshots stays; one without a reason is to be dropped.
  ///
  /// The newest verified snapshot always stays: it is the only one that is known to be a backup.
  public func reasons(_ snapshots: [Snapshot]) -> [SnapshotID: String] {
    // By number, not by time: a clock that was set back must not make the newest look old.
    let newestFirst = snapshots.sorted { $0.id > $1.id }
    var reasons: [SnapshotID: String] = [:]
    func keep(_ reason: String, _ count: Int, period: (Snapshot) -> Int) {
      var periods: Set<Int> = []
      for snapshot in newestFirst where periods.insert(period(snapshot)).inserted {
        guard periods.count <= count else { return }
        reasons[snapshot.id] = reasons[snapshot.id] ?? reason
      }
    }
    func day(_ snapshot: Snapshot) -> Int {
      Int(snapshot.taken.milliseconds.flooringQuotient(TimeSpan.days(1).milliseconds))
    }
    keep("daily", daily, period: day)
    // 1970-01-01, day 0, was a Thursday: three days into its week.
    keep("weekly", weekly) { (day($0) + 3).flooringQuotient(7) }
    keep("monthly", monthly) {
      let date = CivilDate(daysSinceEpoch: day($0))
      return date.year * 12 + date.month
    }
    for snapshot in newestFirst.prefix(latest) {
      reasons[snapshot.id] = reasons[snapshot.id] ?? "latest"
    }
    if let newest = newestFirst.first(where: { $0.verified != nil }) {
      reasons[newest.id] = reasons[newest.id] ?? "verified"
    }
    return reasons
  }
}
