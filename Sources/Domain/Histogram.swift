/// How many observations were at most so long, in buckets, as monitoring systems want it.
public struct Histogram: Hashable, Sendable {
  /// The upper bounds of the buckets, in milliseconds, ascending; beyond the last is one more.
  public let boundsMilliseconds: [Int64]
  /// The observations of each bucket alone, and those beyond.
  public private(set) var counts: [Int]
  /// The sum of all observations.
  public private(set) var sum = TimeSpan.zero

  /// How long runs take: from a no-op to a training that takes an hour.
  public static let durationBoundsMilliseconds: [Int64] = [
    100, 500, 1000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000,
  ]
  /// How late runs start: from a timer's error to a slot that waited for its turn.
  public static let delayBoundsMilliseconds: [Int64] = [
    10, 50, 100, 500, 1000, 5000, 30_000, 60_000, 300_000, 900_000,
  ]

  /// How long an exchange takes to answer: from a near one to the end of patience.
  public static let exchangeBoundsMilliseconds: [Int64] = [
    25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 20_000,
  ]
  /// How long a page, a probe or a model takes.
  public static let answerBoundsMilliseconds: [Int64] = [
    1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000,
  ]

  /// No observations.
  public init(boundsMilliseconds: [Int64]) {
    self.boundsMilliseconds = boundsMilliseconds
    counts = Array(repeating: 0, count: boundsMilliseconds.count + 1)
  }

  /// Adds an observation; a negative one, which a clock set back makes, counts as none at all.
  public mutating func observe(_ span: TimeSpan) {
    let span = max(span, .zero)
    let bucket = boundsMilliseconds.firstIndex { span.milliseconds <= $0 } ?? counts.count - 1
    counts[bucket] += 1
    sum = sum + span
  }

  /// How many observations there are.
  public var count: Int { counts.reduce(0, +) }
}
