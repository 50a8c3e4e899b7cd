/// Which copies stay: the newest ones, and the newest of each of so many hours, days, weeks and months
/// (UTC; weeks begin on Monday) that have any.
public struct KeepPolicy: Hashable, Sendable {
  /// How many of the newest stay in any case, at least 1.
  public var latest: Int
  /// Of how many hours the newest stays.
  public var hourly: Int
  /// Of how many days the newest stays.
  public var daily: Int
  /// Of how many weeks the newest stays.
  public var weekly: Int
  /// Of how many months the newest stays.
  public var monthly: Int

  /// Two weeks of days and a year of months.
  public static let standard = KeepPolicy(latest: 3, daily: 14, weekly: 0, monthly: 12)

  /// A policy of these numbers.
  public init(latest: Int, hourly: Int = 0, daily: Int, weekly: Int, monthly: Int) {
    self.latest = max(latest, 1)
    (self.hourly, self.daily, self.weekly, self.monthly) = (hourly, daily, weekly, monthly)
  }

  /// A copy, as far as it matters here.
  public struct Candidate<ID: Hashable & Comparable & Sendable>: Hashable, Sendable {
    /// Its name; later copies have greater ones.
    public var id: ID
    /// When it was taken.
    public var taken: Instant
    /// Whether it is known to be a backup.
    public var isProven: Bool
    /// What it cannot be restored without; nil where it is whole.
    public var parent: ID?

    /// A copy of these.
    public init(id: ID, taken: Instant, isProven: Bool, parent: ID? = nil) {
      (self.id, self.taken, self.isProven, self.parent) = (id, taken, isProven, parent)
    }
  }

  /// Why each of these copies stays; one without a reason is to be dropped.
  ///
  /// The newest proven one always stays: it is the only one that is known to be a backup. So does what
  /// another one that stays cannot be restored without (`chain`).
  public func reasons<ID>(_ candidates: [Candidate<ID>]) -> [ID: String] {
    // By name, not by time: a clock that was set back must not make the newest look old.
    let newestFirst = candidates.sorted { $0.id > $1.id }
    var reasons: [ID: String] = [:]
    func keep(_ reason: String, _ count: Int, period: (Candidate<ID>) -> Int) {
      var periods: Set<Int> = []
      for candidate in newestFirst where periods.insert(period(candidate)).inserted {
        guard periods.count <= count else { return }
        reasons[candidate.id] = reasons[candidate.id] ?? reason
      }
    }
    func number(_ candidate: Candidate<ID>, of span: TimeSpan) -> Int {
      Int(candidate.taken.milliseconds.flooringQuotient(span.milliseconds))
    }
    func day(_ candidate: Candidate<ID>) -> Int { number(candidate, of: .days(1)) }
    keep("hourly", hourly) { number($0, of: .hours(1)) }
    keep("daily", daily, period: day)
    // 1970-01-01, day 0, was a Thursday: three days into its week.
    keep("weekly", weekly) { (day($0) + 3).flooringQuotient(7) }
    keep("monthly", monthly) {
      let date = CivilDate(daysSinceEpoch: day($0))
      return date.year * 12 + date.month
    }
    for candidate in newestFirst.prefix(latest) {
      reasons[candidate.id] = reasons[candidate.id] ?? "latest"
    }
    if let newest = newestFirst.first(where: \.isProven) {
      reasons[newest.id] = reasons[newest.id] ?? "verified"
    }
    // Newest first: a parent is older than its children, so each is seen after all that need it.
    for candidate in newestFirst where reasons[candidate.id] != nil {
      guard let parent = candidate.parent, candidates.contains(where: { $0.id == parent }) else {
        continue
      }
      reasons[parent] = reasons[parent] ?? "chain"
    }
    return reasons
  }
}
