import Domain

/// One block `Tree=` of a LightGBM model (`Tree::ToString` in its `tree.cpp`).
struct LightGBMTree {
  private(set) var tree = DecisionTree()
  private let block: KeyedBlock
  private let leafCount: Int
  private let featureCount: Int

  init(_ block: KeyedBlock, featureCount: Int) throws(Fault) {
    self.block = block
    self.featureCount = featureCount
    leafCount = try block.integer("num_leaves", in: 1...LightGBMReading.maximumLeaves)
    tree.leafValues = try block.numbers("leaf_value", count: leafCount)
    if leafCount > 1 { try readSplits() }
    if block.has("is_linear"), try block.integer("is_linear", in: 0...1) == 1 {
      try readLines()
    }
    if let broken = tree.firstBrokenLink() {
      let key = broken.isLeft ? "left_child" : "right_child"
      throw block.source.fault(
        at: try block.words(key)[broken.split].lowerBound,
        "\(block.title), node \(broken.split): \(key) \(broken.target) is no node or leaf of its "
          + "own", remedy: "export the model again")
    }
  }

  private mutating func readSplits() throws(Fault) {
    let count = leafCount - 1
    let features = try block.integers("split_feature", count: count, in: 0...featureCount - 1)
    let thresholds = try block.numbers("threshold", count: count)
    let decisions = try block.integers("decision_type", count: count, in: 0...11)
    let children = -leafCount...count - 1
    let left = try block.integers("left_child", count: count, in: children)
    let right = try block.integers("right_child", count: count, in: children)
    let sets = try categorySets()
    tree.splits.reserveCapacity(count)
    for index in 0..<count {
      let test: DecisionTree.Test
      if decisions[index] & 1 != 0 {
        guard let set = Int(exactly: thresholds[index]), sets.indices.contains(set) else {
          throw block.source.fault(
            at: try block.words("threshold")[index].lowerBound,
            "\(block.title), node \(index): there is no set of categories \(thresholds[index])")
        }
        test = .oneOf(words: sets[set], .truncated)
      } else {
        guard let missing = DecisionTree.Missing(rawValue: UInt8(decisions[index] >> 2 & 3)) else {
          throw block.source.fault(
            at: try block.words("decision_type")[index].lowerBound,
            "\(block.title), node \(index): there is no missing type 3")
        }
        test = .atMost(
          Self.outsideZeroZone(thresholds[index]), missing: missing,
          defaultLeft: decisions[index] & 2 != 0)
      }
      tree.splits.append(
        DecisionTree.Split(
          feature: features[index], test: test, left: left[index], right: right[index]))
    }
  }

  /// LightGBM reads a value within `1e-35f` of zero as zero (`RowPairFunctionFromDenseMatric` in its
  /// `c_api.cpp`); a threshold in that zone is moved to the edge that decides the same for the value
  /// as it is.
  private static func outsideZeroZone(_ threshold: Double) -> Double {
    let limit = Forest.zeroLimit
    guard threshold.magnitude <= limit else { return threshold }
    return threshold >= 0 ? limit : (-limit).nextDown
  }

  private func categorySets() throws(Fault) -> [[UInt32]] {
    let count = try block.integer("num_cat", in: 0...leafCount)
    guard count > 0 else { return [] }
    let wordCount = try block.words("cat_threshold").count
    let bounds = try block.integers("cat_boundaries", count: count + 1, in: 0...wordCount)
    let words = try block.integers("cat_threshold", count: wordCount, in: 0...Int(UInt32.max))
    var sets: [[UInt32]] = []
    for index in 0..<count {
      guard bounds[index] <= bounds[index + 1] else {
        throw block.source.fault(
          at: try block.words("cat_boundaries")[index + 1].lowerBound,
          "\(block.title): cat_boundaries must not fall")
      }
      sets.append(words[bounds[index]..<bounds[index + 1]].map { UInt32($0) })
    }
    return sets
  }

  private mutating func readLines() throws(Fault) {
    let constants = try block.numbers("leaf_const", count: leafCount)
    let counts = try block.integers("num_features", count: leafCount, in: 0...featureCount)
    let total = counts.reduce(0, +)
    let features = try block.integers("leaf_features", count: total, in: 0...featureCount - 1)
    let coefficients = try block.numbers("leaf_coeff", count: total)
    var next = 0
    for leaf in 0..<leafCount {
      var line = DecisionTree.LeafLine(constant: constants[leaf], terms: [])
      for term in next..<next + counts[leaf] {
        line.terms.append((features[term], coefficients[term]))
      }
      next += counts[leaf]
      tree.leafLines.append(line)
    }
  }
}
