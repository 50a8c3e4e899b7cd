public import Domain

/// Fires at fixed intervals counted from the Unix epoch, whatever the clocks of a place do:
/// `6h/1m` is one minute past 0, 6, 12 and 18 h UTC.
///
/// Counting from the epoch and not from the start of a process, a job of a week's interval fires
/// even where the process is replaced every few days.
public struct Every: Hashable, Sendable {
  /// The shortest interval.
  public static let shortest = TimeSpan.seconds(1)

  /// The time from one fire to the next.
  public let interval: TimeSpan
  /// The time from a multiple of the interval to the fire, shorter than the interval.
  public let phase: TimeSpan

  /// An interval and a phase; nil unless the interval lasts a second at least and the phase is
  /// shorter than it and not negative.
  public init?(_ interval: TimeSpan, phase: TimeSpan = .zero) {
    guard interval >= Self.shortest, phase >= .zero, phase < interval else { return nil }
    (self.interval, self.phase) = (interval, phase)
  }

  /// Reads `6h` or `6h/1m`; the columns of an error count from `column`.
  public init(_ text: some StringProtocol, column: Int = 0) throws(CronSyntaxError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    func columns(_ index: Int) -> Range<Int> {
      let start = column + parts[..<index].reduce(0) { $0 + $1.count + 1 }
      return start..<start + parts[index].count
    }
    guard parts.count <= 2 else {
      throw CronSyntaxError(
        "an interval has one phase at most", at: columns(2), mend: "write 6h or 6h/1m")
    }
    guard let interval = TimeSpan(parts[0]) else {
      throw CronSyntaxError(
        "`\(parts[0].prefix(40))` is no length of time", at: columns(0),
        mend: "write a number and a unit, such as 90s, 5m, 6h, 1d or 1w")
    }
    guard interval >= Self.shortest else {
      throw CronSyntaxError(
        "an interval of \(interval) is too short", at: columns(0),
        mend: "the shortest is \(Self.shortest)")
    }
    var phase = TimeSpan.zero
    if parts.count == 2 {
      guard let span = TimeSpan(parts[1]) else {
        throw CronSyntaxError(
          "`\(parts[1].prefix(40))` is no length of time", at: columns(1),
          mend: "write a number and a unit, such as 1m")
      }
      guard span < interval else {
        throw CronSyntaxError(
          "the phase \(span) is not shorter than the interval \(interval)", at: columns(1),
          mend: "write \(TimeSpan(milliseconds: span.milliseconds % interval.milliseconds))")
      }
      phase = span
    }
    (self.interval, self.phase) = (interval, phase)
  }

  /// `every 6h, 1m past`, in words.
  public var words: String {
    "every \(interval)" + (phase == .zero ? "" : ", \(phase) past")
      + ", counted from 1970-01-01 00:00 UTC"
  }

  /// The first fire strictly after an instant; nil when there is none before the year 10000.
  public func next(after time: Instant) -> Instant? {
    guard time < .distantFuture else { return nil }
    let time = max(time.milliseconds, CronFields.earliestSecond * 1000)
    let n = (time - phase.milliseconds).flooringQuotient(interval.milliseconds) + 1
    let fire = Instant(milliseconds: n * interval.milliseconds + phase.milliseconds)
    return fire <= .distantFuture ? fire : nil
  }

  /// The last fire strictly before an instant; nil when there is none after the year 0.
  public func previous(before time: Instant) -> Instant? {
    let time = min(time, .distantFuture).milliseconds
    guard time > CronFields.earliestSecond * 1000 else { return nil }
    let n = (time - 1 - phase.milliseconds).flooringQuotient(interval.milliseconds)
    let fire = n * interval.milliseconds + phase.milliseconds
    return fire >= CronFields.earliestSecond * 1000 ? Instant(milliseconds: fire) : nil
  }
}

extension Every: CustomStringConvertible {
  /// `6h` or `6h/1m`.
  public var description: String { phase == .zero ? "\(interval)" : "\(interval)/\(phase)" }
}
