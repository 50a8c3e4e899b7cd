/// A weighted sum: `bias + sum of weight * (value - mean) / deviation`, added in the order of the
/// features.
///
/// Any missing value makes the score NaN: a sum without one of its terms is another model.
final class LinearModel: Evaluator, @unchecked Sendable {
  private let weights: [Double]
  private let means: [Double]
  private let deviations: [Double]
  private let bias: Double

  init(weights: [Double], bias: Double, means: [Double], deviations: [Double]) {
    precondition(weights.count == means.count && weights.count == deviations.count)
    (self.weights, self.bias, self.means, self.deviations) = (weights, bias, means, deviations)
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    let width = weights.count
    for row in 0..<count {
      let values = rows + row * width
      var sum = bias
      for index in 0..<width {
        sum += weights[index] * ((values[index] - means[index]) / deviations[index])
      }
      raw[row] = sum
    }
  }

  override func transform(
    _ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>
  ) {
    prediction[0] = raw[0]
  }
}
