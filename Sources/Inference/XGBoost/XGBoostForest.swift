/// A forest of XGBoost: scores begin at the base margin and are added in single precision in the
/// order of the trees.
final class XGBoostForest: Evaluator, @unchecked Sendable {
  private let forest: Forest
  private let groups: [Int]
  private let baseMargins: [Float]
  private let objective: XGBoostObjective

  init(
    _ forest: Forest, groups: [Int], baseMargins: [Float], objective: XGBoostObjective
  ) {
    (self.forest, self.groups) = (forest, groups)
    (self.baseMargins, self.objective) = (baseMargins, objective)
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    let outputs = baseMargins.count
    for index in 0..<count {
      let row = rows + index * forest.featureCount
      let sums = raw + index * outputs
      for output in 0..<outputs { sums[output] = Double(baseMargins[output]) }
      for tree in 0..<forest.treeCount {
        let output = groups[tree]
        let leaf = Float(forest.leafValues[forest.leaf(of: tree, row)])
        // A double holds a single exactly, so that the sum is rounded once, to single.
        sums[output] = Double(Float(sums[output]) + leaf)
      }
    }
  }

  override func transform(
    _ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>
  ) {
    objective.apply(raw, baseMargins.count, into: prediction)
  }
}
