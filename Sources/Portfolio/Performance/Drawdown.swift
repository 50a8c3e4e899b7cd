public import Domain

/// A stretch below an earlier high.
public struct Drawdown: Hashable, Sendable {
  /// The first point below the high.
  public var start: Instant
  /// The lowest point.
  public var valley: Instant
  /// The point at which the high was reached again; nil while it was not.
  public var recovered: Instant?
  /// The last point below the high.
  public var end: Instant
  /// How far below the high the valley lies: 0.1 is ten per cent.
  public var depth: Double

  /// The drawdowns of a growth curve, in order of time.
  ///
  /// - Parameters:
  ///   - times: when each value was seen.
  ///   - growth: what one unit became; as many as times.
  public static func all(times: [Instant], growth: [Double]) -> [Drawdown] {
    precondition(times.count == growth.count, "each value has its time")
    var high = -Double.infinity
    var found: [Drawdown] = []
    var current: Drawdown?
    for (time, value) in zip(times, growth) {
      if value >= high {
        high = value
        if var drawdown = current {
          drawdown.recovered = time
          found.append(drawdown)
          current = nil
        }
        continue
      }
      let depth = 1 - value / high
      var drawdown =
        current ?? Drawdown(start: time, valley: time, recovered: nil, end: time, depth: depth)
      drawdown.end = time
      if depth > drawdown.depth { (drawdown.depth, drawdown.valley) = (depth, time) }
      current = drawdown
    }
    if let current { found.append(current) }
    return found
  }
}
