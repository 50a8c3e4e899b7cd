/// A forest of LightGBM: scores are added in double precision in the order of the trees, tree `i` to
/// score `i % outputs`, as its `GBDT::PredictRaw` does.
final class LightGBMForest: Evaluator, @unchecked Sendable {
  let scorer: ForestScorer
  private let outputs: Int
  private let objective: ScoreTransform
  /// The number of iterations by which a random forest divides its scores before the objective;
  /// the raw scores stay sums.
  private let averaged: Double?

  init(
    _ trees: [DecisionTree], featureCount: Int, outputs: Int, objective: ScoreTransform,
    isAveraged: Bool
  ) {
    precondition(outputs > 0 && trees.count % outputs == 0)
    (self.outputs, self.objective) = (outputs, objective)
    averaged = isAveraged ? Double(trees.count / outputs) : nil
    scorer = ForestScorer(
      trees, featureCount: featureCount, outputs: trees.indices.map { $0 % outputs },
      outputCount: outputs)
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    raw.update(repeating: 0, count: count * outputs)
    scorer.add(rows, count: count, into: raw, as: Double.self)
  }

  override func transform(
    _ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>
  ) {
    guard let averaged else { return objective.apply(raw, outputs, into: prediction) }
    for index in 0..<outputs { prediction[index] = raw[index] / averaged }
    objective.apply(prediction, outputs, into: prediction)
  }

  /// The leaf of every tree, in LightGBM's own numbering (`pred_leaf`).
  func leaves(of row: UnsafePointer<Double>) -> [Int] {
    (0..<scorer.forest.treeCount).map {
      scorer.forest.leaf(of: $0, row) - scorer.forest.firstLeaves[$0]
    }
  }
}
