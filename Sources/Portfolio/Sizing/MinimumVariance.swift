/// The weights of the least variance: long only, none above a cap, with a given sum.
///
/// A primal active-set method (J. Nocedal and S. Wright, Numerical Optimization, 2nd edition,
/// algorithm 16.3): from a feasible point, solve for the free weights with the others at their bounds;
/// step as far as the bounds allow; when the step is whole, free the bound whose multiplier is of the
/// wrong sign.
enum MinimumVariance {
  /// The weights; equal ones where the covariance cannot be inverted. When the cap does not allow the
  /// sum, all are at the cap.
  static func weights(_ covariance: [[Double]], sum: Double, cap: Double) -> [Double] {
    let size = covariance.count
    guard size > 0, sum > 0, cap > 0 else { return [Double](repeating: 0, count: size) }
    let whole = min(sum, cap * Double(size))
    var weights = [Double](repeating: whole / Double(size), count: size)
    guard whole < cap * Double(size) else { return weights }
    var bounds = [Bound](repeating: .free, count: size)
    for _ in 0..<(longestSearch * size) {
      let free = bounds.indices.filter { bounds[$0] == .free }
      guard let goal = goal(covariance, weights, free, sum: whole) else { return weights }
      // The longest step that keeps every free weight within its bounds.
      var (step, blocking): (Double, Int?) = (1, nil)
      for (place, index) in free.enumerated() {
        let move = goal[place] - weights[index]
        let room = move < 0 ? -weights[index] : cap - weights[index]
        guard move.magnitude > negligible, room / move < step else { continue }
        (step, blocking) = (max(room / move, 0), index)
      }
      for (place, index) in free.enumerated() {
        weights[index] += step * (goal[place] - weights[index])
      }
      if let blocking {
        let atCap = weights[blocking] > cap / 2
        bounds[blocking] = atCap ? .atCap : .atZero
        weights[blocking] = atCap ? cap : 0
        continue
      }
      guard let released = wronglyBound(covariance, weights, bounds) else { break }
      bounds[released] = .free
    }
    return weights
  }

  private enum Bound { case free, atZero, atCap }

  /// Each weight enters and leaves a bound a few times at most.
  private static let longestSearch = 20
  private static let negligible = 1e-15

  /// The free weights of the least variance, the others staying where they are.
  private static func goal(
    _ covariance: [[Double]], _ weights: [Double], _ free: [Int], sum: Double
  ) -> [Double]? {
    guard !free.isEmpty else { return nil }
    let isFree = Set(free)
    let fixed = weights.indices.filter { !isFree.contains($0) }
    let matrix = free.map { row in free.map { covariance[row][$0] } }
    let pull = free.map { row in
      fixed.reduce(0.0) { $0 - covariance[row][$1] * weights[$1] }
    }
    guard let factor = Cholesky(matrix) else { return nil }
    let ones = factor.solve([Double](repeating: 1, count: free.count))
    let pulled = factor.solve(pull)
    let rest = fixed.reduce(sum) { $0 - weights[$1] }
    let multiplier = (rest - pulled.reduce(0, +)) / ones.reduce(0, +)
    return zip(ones, pulled).map { multiplier * $0 + $1 }
  }

  /// The bound that keeps the variance up the most; nil when none does.
  private static func wronglyBound(
    _ covariance: [[Double]], _ weights: [Double], _ bounds: [Bound]
  ) -> Int? {
    let slopes = covariance.map { row in zip(row, weights).reduce(0.0) { $0 + $1.0 * $1.1 } }
    let free = bounds.indices.filter { bounds[$0] == .free }
    guard !free.isEmpty else { return nil }
    // At the optimum every free weight has the same slope.
    let level = free.reduce(0.0) { $0 + slopes[$1] } / Double(free.count)
    let tolerance = level.magnitude * 1e-12
    var (worst, excess): (Int?, Double) = (nil, tolerance)
    for index in bounds.indices {
      let gain: Double
      switch bounds[index] {
      case .free: continue
      case .atZero: gain = level - slopes[index]
      case .atCap: gain = slopes[index] - level
      }
      if gain > excess { (worst, excess) = (index, gain) }
    }
    return worst
  }
}

/// The lower triangle whose product with its transpose is a matrix.
private struct Cholesky {
  private var rows: [[Double]]

  /// Nil when the matrix is not positive definite.
  init?(_ matrix: [[Double]]) {
    rows = matrix
    for row in matrix.indices {
      for column in 0...row {
        var rest = matrix[row][column]
        for inner in 0..<column { rest -= rows[row][inner] * rows[column][inner] }
        if row == column {
          guard rest > 0, rest.isFinite else { return nil }
          rows[row][row] = rest.squareRoot()
        } else {
          rows[row][column] = rest / rows[column][column]
        }
      }
    }
  }

  /// The solution of matrix times x = right side.
  func solve(_ right: [Double]) -> [Double] {
    var solution = right
    for row in solution.indices {
      for inner in 0..<row { solution[row] -= rows[row][inner] * solution[inner] }
      solution[row] /= rows[row][row]
    }
    for row in solution.indices.reversed() {
      for inner in (row + 1)..<solution.count where inner < solution.count {
        solution[row] -= rows[inner][row] * solution[inner]
      }
      solution[row] /= rows[row][row]
    }
    return solution
  }
}
