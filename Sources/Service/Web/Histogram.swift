import Domain

/// How many observations were at most so long, for Prometheus.
struct Histogram: Hashable, Sendable {
  /// The upper bounds of the buckets, in milliseconds, ascending; beyond the last is one more.
  let boundsMilliseconds: [Int64]
  /// The observations of each bucket alone, and those beyond.
  private(set) var counts: [Int]
  /// The sum of all observations.
  private(set) var sum = TimeSpan.zero

  /// How long runs take: from a no-op to a training that takes an hour.
  static let durationBoundsMilliseconds: [Int64] = [
    100, 500, 1000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000,
  ]
  /// How late runs start: from a timer's error to a slot that waited for its turn.
  static let delayBoundsMilliseconds: [Int64] = [
    10, 50, 100, 500, 1000, 5000, 30_000, 60_000, 300_000, 900_000,
  ]

  /// No observations.
  init(boundsMilliseconds: [Int64]) {
    self.boundsMilliseconds = boundsMilliseconds
    counts = Array(repeating: 0, count: boundsMilliseconds.count + 1)
  }

  /// Adds an observation; a negative one, which a clock set back makes, counts as none at all.
  mutating func observe(_ span: TimeSpan) {
    let span = max(span, .zero)
    let bucket = boundsMilliseconds.firstIndex { span.milliseconds <= $0 } ?? counts.count - 1
    counts[bucket] += 1
    sum = sum + span
  }

  /// How many observations there are.
  var count: Int { counts.reduce(0, +) }
}
