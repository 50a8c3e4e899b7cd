import Domain

/// A unit in which times are written by mistake: candles bear milliseconds.
enum TimeUnit: String {
  case seconds
  case microseconds
  case nanoseconds

  /// The unit that most of these times are in; nil where they may be milliseconds, right or wrong.
  ///
  /// Beyond the year 9999 as milliseconds, but not as one of the smaller units, is told by the number
  /// alone. Seconds are told by the distance of neighbours: a whole number of candles as seconds, and
  /// not as milliseconds.
  static func mistaken(in times: [Int64], of timeframe: Timeframe) -> TimeUnit? {
    var counts: [TimeUnit: Int] = [:]
    for time in times {
      let size = time.magnitude
      let latest = Instant.latest.milliseconds.magnitude
      if size <= latest { continue }
      // The year 2200, in milliseconds: beyond it the next smaller unit is meant.
      let unit: TimeUnit = size / 1000 <= 7_258_118_400_000 ? .microseconds : .nanoseconds
      counts[unit, default: 0] += 1
    }
    let span = timeframe.span.milliseconds
    for (one, next) in zip(times, times.dropFirst()) {
      let (distance, isHuge) = next.subtractingReportingOverflow(one)
      guard !isHuge, distance != 0, distance.magnitude < 1 << 40, distance % span != 0 else {
        continue
      }
      if distance * 1000 % span == 0 { counts[.seconds, default: 0] += 1 }
    }
    let largest = counts.max { $0.value < $1.value }
    guard let (unit, count) = largest else { return nil }
    // Seconds are counted by distances, of which there is one less.
    return 2 * count > (unit == .seconds ? times.count - 1 : times.count) ? unit : nil
  }

  /// How the times become milliseconds.
  var remedy: String {
    switch self {
    case .seconds: "multiply them by 1000"
    case .microseconds: "divide them by 1000"
    case .nanoseconds: "divide them by 1000000"
    }
  }
}
