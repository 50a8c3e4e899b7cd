public import Domain

/// The days and hours on which a market trades, over a range of days beyond which nothing is known.
public struct TradingCalendar: Sendable {
  /// `XNYS`, or the name that a user's own file gives.
  public let name: String
  /// The zone of the market's clocks.
  public let zone: Zone
  /// The first and the last day of which anything is known, on the market's clocks.
  public let coverage: ClosedRange<CivilDate>
  /// Where the days come from: a package with its version, or a file.
  public let source: String
  /// What tells it from others in the timing of a job: its name, and of a user's file also a hash of
  /// the file's text, so that an edit of the file is an edit of the jobs.
  public let identity: String

  let days: SessionDays
  private let isUsersFile: Bool

  init(
    name: String, zone: Zone, coverage: ClosedRange<CivilDate>, source: String, days: SessionDays,
    fileHash: String? = nil
  ) {
    (self.name, self.zone, self.coverage) = (name, zone, coverage)
    (self.source, self.days) = (source, days)
    identity = fileHash.map { "\(name) \($0)" } ?? name
    isUsersFile = fileHash != nil
  }

  /// The same calendar as that of a user's file.
  ///
  /// - Parameter text: the file's text.
  public func ofUser(text: String) -> TradingCalendar {
    TradingCalendar(
      name: name, zone: zone, coverage: coverage, source: source, days: days,
      fileHash: StableHash(text).digits)
  }

  /// The session of a day; nil on a holiday, and outside of the coverage.
  public func session(on date: CivilDate) -> TradingSession? {
    session(onDay: date.daysSinceEpoch)
  }

  /// The first instant that the calendar says nothing about any more.
  public var end: Instant {
    zone.firstInstant(of: CivilDateTime(date: dayAfter(coverage.upperBound)))
  }

  /// The first instant that the calendar knows about.
  public var beginning: Instant {
    zone.firstInstant(of: CivilDateTime(date: coverage.lowerBound))
  }

  /// How long before its end a calendar is worth a warning. One that ships with the program needs a
  /// new version of it; a user's file is edited in a minute, and mostly ends with the year.
  public var warningSpan: TimeSpan { isUsersFile ? .days(60) : .days(180) }

  /// That the calendar has ended or soon will, and what to do; nil while it has long to run.
  public func warning(at now: Instant) -> String? {
    guard now > end - warningSpan else { return nil }
    let remedy =
      isUsersFile
      ? "add days to its file"
      : "a newer Carillon knows more days, or give a calendar file of your own"
    if now >= end {
      return "calendar \(name) ended on \(coverage.upperBound), so nothing fires by it: \(remedy)"
    }
    return "calendar \(name) ends on \(coverage.upperBound), in \((end - now).rounded): \(remedy)"
  }

  /// Whether a slot at an instant may fire: on the days of sessions (on the market's clocks) and,
  /// where the session closes early, up to the close and at it, but not later. Opening times and
  /// regular closing times bar nothing, since jobs prepare and report outside of them.
  public func admits(_ time: Instant) -> Bool {
    guard let session = session(on: zone.civil(at: time).date) else { return false }
    return !session.isEarlyClose || time <= session.close
  }

  func session(onDay day: Int) -> TradingSession? {
    guard let hours = days.hours(onDay: day) else { return nil }
    let date = CivilDate(daysSinceEpoch: day)
    func instant(_ minute: Int) -> Instant {
      zone.firstInstant(
        of: CivilDateTime(localSeconds: Int64(day) * 86_400 + Int64(minute) * 60))
    }
    return TradingSession(
      date: date, open: instant(Int(hours.open)), close: instant(Int(hours.close)),
      isEarlyClose: days.regularHours(onDay: day).map { hours.close < $0.close } ?? false)
  }

  private func dayAfter(_ date: CivilDate) -> CivilDate {
    CivilDate(daysSinceEpoch: date.daysSinceEpoch + 1)
  }
}

extension TradingCalendar: Hashable {
  /// Whether name, zone, days and hours are equal.
  public static func == (a: TradingCalendar, b: TradingCalendar) -> Bool {
    a.name == b.name && a.zone == b.zone && a.coverage == b.coverage && a.days == b.days
  }

  /// Feeds the name and the coverage.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(coverage)
  }
}

/// One day of trading.
public struct TradingSession: Hashable, Sendable {
  /// The day, on the market's clocks.
  public var date: CivilDate
  /// When trading begins.
  public var open: Instant
  /// When trading ends.
  public var close: Instant
  /// Whether it ends before the regular time.
  public var isEarlyClose: Bool

  /// A session of these parts.
  public init(date: CivilDate, open: Instant, close: Instant, isEarlyClose: Bool = false) {
    (self.date, self.open, self.close) = (date, open, close)
    self.isEarlyClose = isEarlyClose
  }
}
