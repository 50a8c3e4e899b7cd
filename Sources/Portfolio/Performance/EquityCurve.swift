public import Domain

/// What an account was worth, and what was paid in and out meanwhile.
///
/// Figures of performance are statistics, so they are floating-point numbers; the ledger's own
/// amounts stay exact.
public struct EquityCurve: Hashable, Sendable {
  /// The worth of the account at a time, in its quote asset.
  public struct Point: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// Cash and holdings; above zero.
    public var equity: Double

    /// A point of these parts.
    public init(time: Instant, equity: Double) { (self.time, self.equity) = (time, equity) }
  }

  /// Money that came in (above zero) or went out (below), in the quote asset.
  public struct Flow: Hashable, Sendable {
    /// When it was booked.
    public var time: Instant
    /// How much.
    public var amount: Double

    /// A flow of these parts.
    public init(time: Instant, amount: Double) { (self.time, self.amount) = (time, amount) }
  }

  /// In order of time, no two at one time.
  public let points: [Point]
  /// In order of time.
  public let flows: [Flow]

  /// A curve; the points are sorted, and of several at one time the last is taken.
  public init(points: [Point], flows: [Flow] = []) {
    var byTime: [Instant: Point] = [:]
    for point in points { byTime[point.time] = point }
    self.points = byTime.values.sorted { $0.time < $1.time }
    self.flows = flows.sorted { $0.time < $1.time }
  }

  /// The last point of each day of a zone, at the day's number since 1970-01-01: what returns by day
  /// are made from.
  public func daily(day: (Instant) -> Int) -> EquityCurve {
    var last: [Int: Point] = [:]
    for point in points { last[day(point.time)] = point }
    return EquityCurve(points: Array(last.values), flows: flows)
  }

  /// The return of each stretch between two points, flows taken out by the Modified Dietz method:
  /// `(E1 - E0 - F) / (E0 + sum of w * f)`, where `w` is the part of the stretch that a flow `f` was
  /// there for (P. Dietz, "Pension Funds: Measuring Investment Performance", 1966; GIPS standards).
  /// Where the account was valued at each flow, the linked returns are the exact time-weighted ones.
  ///
  /// - Returns: one return fewer than there are points; NaN where nothing was invested.
  public var returns: [Double] {
    var next = flows.firstIndex { flow in points.first.map { flow.time > $0.time } ?? false }
    return zip(points, points.dropFirst()).map { before, after in
      var (sum, weighted) = (0.0, 0.0)
      let span = Double((after.time - before.time).milliseconds)
      while let index = next, index < flows.endIndex, flows[index].time <= after.time {
        let flow = flows[index]
        sum += flow.amount
        weighted += flow.amount * Double((after.time - flow.time).milliseconds) / span
        next = index + 1
      }
      let base = before.equity + weighted
      return base > 0 ? (after.equity - before.equity - sum) / base : .nan
    }
  }

  /// The linked returns: what one unit that was there all the time became, at each point; the first
  /// is 1.
  public var growth: [Double] {
    guard !points.isEmpty else { return [] }
    return returns.reduce(into: [1]) { growth, change in
      growth.append((growth.last ?? 1) * (1 + (change.isNaN ? 0 : change)))
    }
  }

  /// The time-weighted return over the whole curve: 0.1 is ten per cent. Nil without two points.
  public var timeWeightedReturn: Double? {
    points.count > 1 ? growth.last.map { $0 - 1 } : nil
  }
}
