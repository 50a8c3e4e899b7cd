/// The stage after the rows of all series at one time are known: features that compare a series
/// with the others.
public struct CrossSection: Hashable, Sendable {
  /// How a value is compared with those of the other series at the same time.
  public enum Comparison: String, CaseIterable, Sendable {
    /// The rank among the values that are not missing, ties averaged, divided by their number: in
    /// (0, 1], as pandas' `rank(pct=True)`.
    case rank = "cs_rank"
    /// The distance from the mean in standard deviations of the population; 0 where all are equal.
    case zscore = "cs_zscore"
  }

  /// For each feature of a row, how it is compared; nil where it stays.
  public let comparisons: [Comparison?]

  /// Whether there is nothing to compare.
  public var isEmpty: Bool { comparisons.allSatisfy { $0 == nil } }

  init(comparisons: [Comparison?]) { self.comparisons = comparisons }

  /// Compares in place: `rows` holds one row of features per series, one after the other, all of the
  /// same time. NaN is a missing value: it stays missing and counts for nothing.
  public func apply(to rows: UnsafeMutableBufferPointer<Double>) {
    let width = comparisons.count
    precondition(rows.count % width == 0, "the rows are not whole")
    let count = rows.count / width
    for (feature, comparison) in comparisons.enumerated() {
      guard let comparison else { continue }
      let present = (0..<count).filter { !rows[$0 * width + feature].isNaN }
      let values = present.map { rows[$0 * width + feature] }
      let results =
        switch comparison {
        case .rank: Self.ranks(values)
        case .zscore: Self.zscores(values)
        }
      for (series, result) in zip(present, results) { rows[series * width + feature] = result }
    }
  }

  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
      var last = first
      while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
      let rank = Double(first + last + 2) / 2 / Double(values.count)
      for place in first...last { ranks[order[place]] = rank }
      first = last + 1
    }
    return ranks
  }

  /// Two passes over the values in the order of the series, so that equal rows give equal bits.
  static func zscores(_ values: [Double]) -> [Double] {
    guard let first = values.first else { return [] }
    let count = Double(values.count)
    let mean = first + values.reduce(0) { $0 + ($1 - first) } / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let deviation = variance.squareRoot()
    guard deviation > 0 else { return values.map { _ in 0 } }
    return values.map { ($0 - mean) / deviation }
  }
}
