/// XGBoost's linear booster: a bias and a weight per feature and output, added in single precision;
/// a missing value adds nothing.
final class XGBoostLinear: Evaluator, @unchecked Sendable {
  /// One row of `outputs` weights per feature, then the biases.
  private let weights: [Float]
  private let featureCount: Int
  private let baseMargins: [Float]
  private let objective: XGBoostObjective

  init(
    weights: [Float], featureCount: Int, baseMargins: [Float], objective: XGBoostObjective
  ) {
    precondition(weights.count == (featureCount + 1) * baseMargins.count)
    (self.weights, self.featureCount) = (weights, featureCount)
    (self.baseMargins, self.objective) = (baseMargins, objective)
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    let outputs = baseMargins.count
    for index in 0..<count {
      let row = rows + index * featureCount
      for output in 0..<outputs {
        // The first base score for every output: `gblinear.cc` knows no other, though since 3.1 files
        // have one for each class.
        var sum = weights[featureCount * outputs + output] + baseMargins[0]
        for feature in 0..<featureCount where !row[feature].isNaN {
          sum += Float(row[feature]) * weights[feature * outputs + output]
        }
        raw[index * outputs + output] = Double(sum)
      }
    }
  }

  override func transform(
    _ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>
  ) {
    objective.apply(raw, baseMargins.count, into: prediction)
  }
}
