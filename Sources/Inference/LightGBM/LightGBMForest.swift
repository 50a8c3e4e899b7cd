/// A forest of LightGBM: scores are added in double precision in the order of the trees, tree `i` to
/// score `i % outputs`, as its `GBDT::PredictRaw` does.
final class LightGBMForest: Evaluator, @unchecked Sendable {
  private let forest: Forest
  private let outputs: Int
  private let objective: ScoreTransform
  /// The number of iterations by which a random forest divides its scores before the objective;
  /// the raw scores stay sums.
  private let averaged: Double?

  init(_ forest: Forest, outputs: Int, objective: ScoreTransform, isAveraged: Bool) {
    precondition(outputs > 0 && forest.treeCount % outputs == 0)
    (self.forest, self.outputs, self.objective) = (forest, outputs, objective)
    averaged = isAveraged ? Double(forest.treeCount / outputs) : nil
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<count {
      let row = rows + index * forest.featureCount
      let sums = raw + index * outputs
      sums.update(repeating: 0, count: outputs)
      var output = 0
      for tree in 0..<forest.treeCount {
        sums[output] += forest.value(of: forest.leaf(of: tree, row), row)
        output = output + 1 == outputs ? 0 : output + 1
      }
    }
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
    (0..<forest.treeCount).map { forest.leaf(of: $0, row) - forest.firstLeaves[$0] }
  }
}
