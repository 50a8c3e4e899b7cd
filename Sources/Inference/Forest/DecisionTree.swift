/// One tree as a model file describes it, before the forest lays it out for speed.
struct DecisionTree {
  /// The inner nodes; the first is the root. A tree of one leaf has none.
  var splits: [Split] = []
  /// What each leaf adds to the score.
  var leafValues: [Double] = []
  /// The linear function of each leaf, in the trees that have one.
  var leafLines: [LeafLine] = []

  /// An inner node: which way a row goes on.
  struct Split {
    /// The feature that is asked.
    var feature: Int
    /// How its value decides.
    var test: Test
    /// Where a row goes when the test holds: a node, or `~leaf` when negative.
    var left: Int
    /// Where it goes otherwise.
    var right: Int
  }

  /// The question that a node asks of a value.
  enum Test {
    /// Whether the value is at most the threshold; what `missing` says is missing takes the side of
    /// `defaultLeft` instead.
    case atMost(Double, missing: Missing, defaultLeft: Bool)
    /// Whether the value is one of the categories: bits of 32-bit words, lowest first.
    case oneOf(words: [UInt32], Categories)
  }

  /// Which values a numerical node regards as missing.
  enum Missing: UInt8 {
    /// None; NaN is read as zero.
    case none = 0
    /// Zero and NaN.
    case zero = 1
    /// NaN.
    case nan = 2
  }

  /// How a categorical node turns a value into a category.
  enum Categories {
    /// LightGBM: the value is truncated to a whole number; NaN and negative ones are in no set.
    case truncated
    /// XGBoost: the value is rounded to single precision first, negative ones are in no set, and NaN
    /// takes a side of its own.
    case single(missingLeft: Bool)
  }

  /// A leaf of a linear tree: `constant + sum of coefficient * value`, in this order; the leaf's
  /// plain value stands in when one of its features is missing.
  struct LeafLine {
    /// The value at the origin.
    var constant: Double
    /// The features with their coefficients.
    var terms: [(feature: Int, coefficient: Double)]
  }

  /// The first child link that makes this no tree: it points outside, or to what was reached before.
  ///
  /// Everything that walks a tree relies on this having found nothing: a walk from the root then ends
  /// after at most as many steps as there are nodes.
  func firstBrokenLink() -> (split: Int, isLeft: Bool, target: Int)? {
    var splitSeen = [Bool](repeating: false, count: splits.count)
    var leafSeen = [Bool](repeating: false, count: leafValues.count)
    guard !splits.isEmpty else { return nil }
    splitSeen[0] = true
    var pending = [0]
    /// Whether a link leads to what nothing led to before; from now on something does.
    func takes(_ target: Int) -> Bool {
      if target >= 0 {
        guard target < splits.count, !splitSeen[target] else { return false }
        splitSeen[target] = true
        pending.append(target)
      } else {
        guard ~target < leafValues.count, !leafSeen[~target] else { return false }
        leafSeen[~target] = true
      }
      return true
    }
    while let index = pending.popLast() {
      // No loop over the two: docs/TRAPS.md, "Two builds of one commit".
      let (left, right) = (splits[index].left, splits[index].right)
      guard takes(left) else { return (index, true, left) }
      guard takes(right) else { return (index, false, right) }
    }
    return nil
  }
}
