public import Calendars
public import Domain

/// What makes the head of a chain due: a cron expression on the clocks of a zone, a fixed interval,
/// or the sessions of a market.
///
/// Fires strictly increase, and a fire depends on the cadence alone, never on when a process
/// started. A cadence with a calendar fires only where the calendar has knowledge: past its end
/// there is no next fire (see `end`).
public struct Cadence: Hashable, Sendable {
  private enum Kind: Hashable, Sendable {
    case cron(CronExpression, Zone, TradingCalendar?)
    case every(Every)
    case session(SessionTrigger, TradingCalendar)
  }

  private let kind: Kind

  /// Fires of an expression on the clocks of a zone, with a calendar only those that it admits.
  public static func cron(
    _ expression: CronExpression, zone: Zone, calendar: TradingCalendar? = nil
  ) -> Cadence {
    if case .every(let every) = expression.rule, calendar == nil { return .every(every) }
    return Cadence(kind: .cron(expression, zone, calendar))
  }

  /// Fires at an interval that is counted from the Unix epoch.
  public static func every(_ every: Every) -> Cadence { Cadence(kind: .every(every)) }

  /// Fires once in each session of a market.
  public static func session(_ trigger: SessionTrigger, calendar: TradingCalendar) -> Cadence {
    Cadence(kind: .session(trigger, calendar))
  }

  /// The first fire strictly after an instant; nil when there is none, or none that is known.
  public func next(after time: Instant) -> Instant? {
    switch kind {
    case .cron(let expression, let zone, nil): expression.next(after: time, in: zone)
    case .cron(let expression, let zone, let calendar?):
      calendar.next(after: time) { expression.next(after: $0, in: zone) }
    case .every(let every): every.next(after: time)
    case .session(let trigger, let calendar): calendar.next(trigger, after: time)
    }
  }

  /// The last fire strictly before an instant; nil when there is none, or none that is known.
  public func previous(before time: Instant) -> Instant? {
    switch kind {
    case .cron(let expression, let zone, nil): expression.previous(before: time, in: zone)
    case .cron(let expression, let zone, let calendar?):
      calendar.previous(before: time) { expression.previous(before: $0, in: zone) }
    case .every(let every): every.previous(before: time)
    case .session(let trigger, let calendar): calendar.previous(trigger, before: time)
    }
  }

  /// The expression; nil for intervals and sessions.
  public var expression: CronExpression? {
    if case .cron(let expression, _, _) = kind { expression } else { nil }
  }

  /// The trigger told from a session; nil for expressions and intervals.
  public var trigger: SessionTrigger? {
    if case .session(let trigger, _) = kind { trigger } else { nil }
  }

  var everyWords: String { if case .every(let every) = kind { every.words } else { "" } }

  /// The zone on whose clocks it fires; UTC for intervals.
  public var zone: Zone {
    switch kind {
    case .cron(_, let zone, _): zone
    case .every: .utc
    case .session(_, let calendar): calendar.zone
    }
  }

  /// The calendar that gates it, if any.
  public var calendar: TradingCalendar? {
    switch kind {
    case .cron(_, _, let calendar): calendar
    case .every: nil
    case .session(_, let calendar): calendar
    }
  }

  /// The first instant from which nothing is known, because the calendar ends; nil without one.
  public var end: Instant? { calendar?.end }

  /// All that decides when it fires, as text to be hashed: equal texts fire equally, given the same
  /// release of the time zones and calendars.
  public var timing: String {
    switch kind {
    case .cron(let expression, let zone, let calendar):
      "cron \(expression.timing) in \(zone.name)" + (calendar.map { " on \($0.identity)" } ?? "")
    case .every(let every):
      "every \(every.interval.milliseconds)ms/\(every.phase.milliseconds)ms"
    case .session(let trigger, let calendar): "session \(trigger) on \(calendar.identity)"
    }
  }
}

extension Cadence: CustomStringConvertible {
  /// As the user wrote it: `cron "30 9 * * 1-5" America/New_York XNYS`, `every 6h/1m`,
  /// `open+5m XNYS`.
  public var description: String {
    switch kind {
    case .cron(let expression, let zone, let calendar):
      "cron \"\(expression.text)\" \(zone.name)" + (calendar.map { " \($0.name)" } ?? "")
    case .every(let every): "every \(every)"
    case .session(let trigger, let calendar): "\(trigger) \(calendar.name)"
    }
  }
}
