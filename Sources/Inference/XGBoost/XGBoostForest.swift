/// A forest of XGBoost: scores begin at the base margin and are added in single precision in the
/// order of the trees.
final class XGBoostForest: Evaluator, @unchecked Sendable {
  let scorer: ForestScorer
  private let baseMargins: [Float]
  private let objective: XGBoostObjective

  init(
    _ trees: [DecisionTree], featureCount: Int, groups: [Int], baseMargins: [Float],
    objective: XGBoostObjective
  ) {
    (self.baseMargins, self.objective) = (baseMargins, objective)
    scorer = ForestScorer(
      trees, featureCount: featureCount, outputs: groups, outputCount: baseMargins.count)
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    let outputs = baseMargins.count
    for index in 0..<count {
      for output in 0..<outputs { raw[index * outputs + output] = Double(baseMargins[output]) }
    }
    scorer.add(rows, count: count, into: raw, as: Float.self)
  }

  override func transform(
    _ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>
  ) {
    objective.apply(raw, baseMargins.count, into: prediction)
  }
}
