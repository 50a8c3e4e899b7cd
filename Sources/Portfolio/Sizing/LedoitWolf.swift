/// The covariance of returns, drawn towards a multiple of the identity so that it can be inverted and
/// its extremes are tamed.
///
/// Source: O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional covariance
/// matrices", Journal of Multivariate Analysis 88 (2004), with the divisor n.
struct LedoitWolf {
  /// The shrunk covariance, by row.
  var matrix: [[Double]]
  /// The weight of the identity, 0 to 1.
  var shrinkage: Double

  /// The estimate from the returns of each instrument, all of one length.
  init(_ returns: [[Double]]) {
    let size = returns.count
    let samples = returns.map(\.count).min() ?? 0
    guard size > 0, samples > 1 else {
      (matrix, shrinkage) = (
        [[Double]](repeating: [Double](repeating: 0, count: size), count: size), 0
      )
      return
    }
    let count = Double(samples)
    let centred = returns.map { series in
      let recent = series.suffix(samples)
      let mean = recent.reduce(0, +) / count
      return recent.map { $0 - mean }
    }
    var sample = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
    // The sum over all pairs of the fourth moments, and of the squared second ones.
    var (fourth, second) = (0.0, 0.0)
    for row in 0..<size {
      for column in 0...row {
        var (product, squares) = (0.0, 0.0)
        for (a, b) in zip(centred[row], centred[column]) {
          product += a * b
          squares += a * a * b * b
        }
        let covariance = product / count
        sample[row][column] = covariance
        sample[column][row] = covariance
        let times = row == column ? 1.0 : 2.0
        fourth += times * squares
        second += times * covariance * covariance
      }
    }
    let trace = (0..<size).reduce(0) { $0 + sample[$1][$1] }
    let width = Double(size)
    let mean = trace / width
    let spread = (second - 2 * mean * trace + width * mean * mean) / width
    let error = min((fourth / count - second) / (width * count), spread)
    let shrinkage = spread > 0 && error > 0 ? error / spread : 0
    self.shrinkage = shrinkage
    matrix = sample
    for row in 0..<size {
      for column in 0..<size {
        matrix[row][column] *= 1 - shrinkage
        if row == column { matrix[row][column] += shrinkage * mean }
      }
    }
  }
}
