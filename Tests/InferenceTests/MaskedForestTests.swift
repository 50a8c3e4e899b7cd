import Testing

@testable import Inference

/// The fast way to score a forest against walking its trees.
@Suite("Forests")
struct MaskedForestTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let trees: Int
    let leaves: Int
    let outputs: Int
    let style: Style
    var testDescription: String { "\(trees) trees of \(leaves) leaves, \(outputs), \(style)" }
  }

  enum Style: Sendable, CaseIterable { case lightGBM, xgboost }

  static let cases = Style.allCases.flatMap { style in
    [
      Case(trees: 1, leaves: 1, outputs: 1, style: style),
      Case(trees: 3, leaves: 2, outputs: 1, style: style),
      // Enough nodes of a feature for several checkpoints.
      Case(trees: 120, leaves: 31, outputs: 1, style: style),
      Case(trees: 90, leaves: 32, outputs: 3, style: style),
      Case(trees: 80, leaves: 33, outputs: 1, style: style),
      Case(trees: 60, leaves: 64, outputs: 2, style: style),
      // More than one chunk of trees.
      Case(trees: 1100, leaves: 8, outputs: 1, style: style),
    ]
  }

  @Test("masks find the leaves that walking finds", arguments: cases)
  func agree(_ test: Case) {
    var random = SeededRandom(seed: UInt64(test.trees * 100 + test.leaves))
    let trees = (0..<test.trees).map { _ in tree(test, &random) }
    let outputs = trees.indices.map { $0 % test.outputs }
    let fast = ForestScorer(trees, featureCount: 6, outputs: outputs, outputCount: test.outputs)
    let walked = ForestScorer(
      trees, featureCount: 6, outputs: outputs, outputCount: test.outputs, isMasked: false)
    #expect(fast.isMasked && !walked.isMasked)
    let rows = (0..<150).map { _ in row(&random) }
    #expect(areIdentical(scores(fast, rows, test.outputs), scores(walked, rows, test.outputs)))
  }

  @Test("larger leaves than bits, and features of two natures, are walked")
  func notApplicable() {
    var random = SeededRandom(seed: 5)
    let large = tree(Case(trees: 1, leaves: 65, outputs: 1, style: .lightGBM), &random)
    #expect(!ForestScorer([large], featureCount: 6, outputs: [0], outputCount: 1).isMasked)
    var mixed = tree(Case(trees: 1, leaves: 3, outputs: 1, style: .lightGBM), &random)
    mixed.splits[0].feature = 0
    mixed.splits[0].test = .atMost(1, missing: .nan, defaultLeft: true)
    mixed.splits[1].feature = 0
    mixed.splits[1].test = .oneOf(words: [5], .truncated)
    #expect(!ForestScorer([mixed], featureCount: 6, outputs: [0], outputCount: 1).isMasked)
  }

  private func scores(_ scorer: ForestScorer, _ rows: [[Double]], _ outputs: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: rows.count * outputs)
    Array(rows.joined()).withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer {
        scorer.add(
          values.baseAddress!, count: rows.count, into: $0.baseAddress!, as: Double.self)
      }
    }
    return sums
  }

  private static let thresholds = [-2, -1.5, -1, -0.25, 0.25, 0.5, 1, 1.75, 2]

  private func row(_ random: inout SeededRandom) -> [Double] {
    let odd: [Double] = [
      .nan, 0, -0.0, 1e-36, -Double.leastNonzeroMagnitude, .infinity, -.infinity, 1e300, -0.5, 2.5,
    ]
    return (0..<6).map { feature in
      if Int.random(in: 0..<6, using: &random) == 0 { return odd.randomElement(using: &random)! }
      if feature >= 4 { return Double(Int.random(in: -2..<70, using: &random)) }
      // Often on a threshold.
      return Bool.random(using: &random)
        ? Self.thresholds.randomElement(using: &random)! : .random(in: -3...3, using: &random)
    }
  }

  /// A tree grown at random leaves; features 4 and 5 are categories.
  private func tree(_ test: Case, _ random: inout SeededRandom) -> DecisionTree {
    var tree = DecisionTree()
    tree.leafValues = (0..<test.leaves).map { _ in .random(in: -1...1, using: &random) }
    // Each new split takes the place of a leaf, and keeps that leaf as one of its children.
    for split in 0..<test.leaves - 1 {
      let leaf = Int.random(in: 0...split, using: &random)
      for index in tree.splits.indices {
        if tree.splits[index].left == ~leaf { tree.splits[index].left = split }
        if tree.splits[index].right == ~leaf { tree.splits[index].right = split }
      }
      let children = Bool.random(using: &random) ? (~leaf, ~(split + 1)) : (~(split + 1), ~leaf)
      let feature = Int.random(in: 0..<6, using: &random)
      tree.splits.append(
        DecisionTree.Split(
          feature: feature, test: question(feature, test.style, &random), left: children.0,
          right: children.1))
    }
    return tree
  }

  private func question(
    _ feature: Int, _ style: Style, _ random: inout SeededRandom
  ) -> DecisionTree.Test {
    let isLeft = Bool.random(using: &random)
    if feature >= 4 {
      let words = (0..<Int.random(in: 0...2, using: &random)).map { _ in
        UInt32.random(in: 0...UInt32.max, using: &random)
      }
      return .oneOf(
        words: words, style == .lightGBM ? .truncated : .single(missingLeft: isLeft))
    }
    let missing: [DecisionTree.Missing] = style == .lightGBM ? [.none, .zero, .nan] : [.nan]
    let threshold =
      Bool.random(using: &random)
      ? Self.thresholds.randomElement(using: &random)! : .random(in: -3...3, using: &random)
    return .atMost(
      threshold, missing: missing.randomElement(using: &random)!, defaultLeft: isLeft)
  }
}

/// Thresholds of XGBoost as thresholds of doubles.
@Suite("Single precision thresholds")
struct SingleThresholdTests {
  static let conditions: [Float] = [
    0, -0.0, 1, -1, 0.1, 1.5, 54.490704, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity,
    16_777_216, 16_777_218, Float(1).nextUp, Float(1).nextDown,
  ]

  @Test("a double is at most the threshold exactly when its single is below", arguments: conditions)
  func agrees(_ condition: Float) {
    let threshold = XGBoostTree.greatestBelow(condition)
    let near = [
      threshold, threshold.nextUp, threshold.nextDown, Double(condition),
      Double(condition).nextDown, Double(condition).nextUp, Double(condition.nextDown),
      Double(condition.nextUp), 0, -0.0, Double.leastNonzeroMagnitude,
      -Double.leastNonzeroMagnitude, 1e39, -1e39, .infinity, -.infinity,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    for value in near {
      #expect((value <= threshold) == (Float(value) < condition), "\(value)")
    }
  }

  @Test("nothing is below minus infinity or NaN", arguments: [-Float.infinity, .nan])
  func nothingBelow(_ condition: Float) {
    #expect(XGBoostTree.greatestBelow(condition).isNaN)
  }
}
