/// Trees laid out in one piece of memory for walking: the general way to find a row's leaves, for
/// trees of any size and kind.
///
/// `MaskedForest` is faster where it applies and must agree with this one.
final class Forest: @unchecked Sendable {
  /// A node as it is walked. Children below zero are `~leaf`, counted through the whole forest.
  struct Node {
    /// The value up to which a row goes left, or in bits the first word and the number of words of
    /// a set of categories.
    var threshold: Double
    var feature: Int32
    var left: Int32
    var right: Int32
    var rule: UInt32
  }

  /// The bits of `Node.rule`.
  enum Rule {
    static let missingMask: UInt32 = 3
    static let defaultLeft: UInt32 = 4
    static let categorical: UInt32 = 8
    static let single: UInt32 = 16
  }

  /// The zone around zero that LightGBM reads as zero: `1e-35f` (`kZeroThreshold` in its
  /// `meta.h`).
  static let zeroLimit = Double(Float(1e-35))

  let featureCount: Int
  let treeCount: Int
  let leafCount: Int
  /// The roots, one per tree: a node, or `~leaf`.
  let roots: UnsafeMutablePointer<Int32>
  /// The first leaf of each tree in `leafValues`.
  let firstLeaves: [Int]
  let leafValues: UnsafeMutablePointer<Double>
  /// The lines of the leaves; empty unless some tree is linear.
  let lines: [DecisionTree.LeafLine?]
  private let nodes: UnsafeMutablePointer<Node>
  private let words: UnsafeMutablePointer<UInt32>

  /// Lays out trees whose links were checked (`DecisionTree.firstBrokenLink`) and whose features are
  /// below `featureCount`.
  init(_ trees: [DecisionTree], featureCount: Int) {
    self.featureCount = featureCount
    treeCount = trees.count
    leafCount = trees.reduce(0) { $0 + $1.leafValues.count }
    let splitCount = trees.reduce(0) { $0 + $1.splits.count }
    precondition(splitCount < Int32.max && leafCount < Int32.max)
    roots = .allocate(capacity: max(1, trees.count))
    leafValues = .allocate(capacity: max(1, leafCount))
    nodes = .allocate(capacity: max(1, splitCount))
    var firstLeaves: [Int] = []
    var lines: [DecisionTree.LeafLine?] = []
    let isLinear = trees.contains { !$0.leafLines.isEmpty }
    var words: [UInt32] = []
    var nextNode = 0
    var nextLeaf = 0
    for (index, tree) in trees.enumerated() {
      firstLeaves.append(nextLeaf)
      roots.advanced(by: index).initialize(
        to: tree.splits.isEmpty ? ~Int32(nextLeaf) : Int32(nextNode))
      for (offset, split) in tree.splits.enumerated() {
        nodes.advanced(by: nextNode + offset).initialize(
          to: Self.node(split, firstNode: nextNode, firstLeaf: nextLeaf, &words))
      }
      for (offset, value) in tree.leafValues.enumerated() {
        leafValues.advanced(by: nextLeaf + offset).initialize(to: value)
      }
      if isLinear {
        lines +=
          tree.leafLines.isEmpty
          ? [DecisionTree.LeafLine?](repeating: nil, count: tree.leafValues.count)
          : tree.leafLines.map { $0 }
      }
      nextNode += tree.splits.count
      nextLeaf += tree.leafValues.count
    }
    self.firstLeaves = firstLeaves
    self.lines = lines
    self.words = .allocate(capacity: max(1, words.count))
    self.words.initialize(from: words, count: words.count)
  }

  deinit {
    roots.deallocate()
    leafValues.deallocate()
    nodes.deallocate()
    words.deallocate()
  }

  private static func node(
    _ split: DecisionTree.Split, firstNode: Int, firstLeaf: Int, _ words: inout [UInt32]
  ) -> Node {
    var node = Node(
      threshold: 0, feature: Int32(split.feature),
      left: Int32(split.left >= 0 ? split.left + firstNode : ~(~split.left + firstLeaf)),
      right: Int32(split.right >= 0 ? split.right + firstNode : ~(~split.right + firstLeaf)),
      rule: 0)
    switch split.test {
    case .atMost(let threshold, let missing, let defaultLeft):
      node.threshold = threshold
      node.rule = UInt32(missing.rawValue) | (defaultLeft ? Rule.defaultLeft : 0)
    case .oneOf(let set, let categories):
      node.threshold = Double(bitPattern: UInt64(words.count) << 32 | UInt64(set.count))
      node.rule = Rule.categorical
      if case .single(let missingLeft) = categories {
        node.rule |= Rule.single | (missingLeft ? Rule.defaultLeft : 0)
      }
      words += set
    }
    return node
  }

  /// The leaf, counted through the forest, that a row of `featureCount` values reaches in a tree.
  @inline(__always)
  func leaf(of tree: Int, _ row: UnsafePointer<Double>) -> Int {
    var index = roots[tree]
    while index >= 0 {
      let node = nodes + Int(index)
      let goesLeft = Self.goesLeft(node, row[Int(node.pointee.feature)], words)
      index = goesLeft ? node.pointee.left : node.pointee.right
    }
    return Int(~index)
  }

  @inline(__always)
  private static func goesLeft(
    _ node: UnsafePointer<Node>, _ value: Double, _ words: UnsafePointer<UInt32>
  ) -> Bool {
    let rule = node.pointee.rule
    if rule & Rule.categorical != 0 { return isOneOf(node, value, words) }
    var value = value
    switch rule & Rule.missingMask {
    case UInt32(DecisionTree.Missing.nan.rawValue):
      if value.isNaN { return rule & Rule.defaultLeft != 0 }
    case UInt32(DecisionTree.Missing.zero.rawValue):
      if value.isNaN || value.magnitude <= zeroLimit { return rule & Rule.defaultLeft != 0 }
    default:
      if value.isNaN { value = 0 }
    }
    return value <= node.pointee.threshold
  }

  private static func isOneOf(
    _ node: UnsafePointer<Node>, _ value: Double, _ words: UnsafePointer<UInt32>
  ) -> Bool {
    var value = value
    if node.pointee.rule & Rule.single != 0 {
      if value.isNaN { return node.pointee.rule & Rule.defaultLeft != 0 }
      value = Double(Float(value))
      if value < 0 { return false }
    }
    // Minus one half is truncated to category 0, as in C.
    guard value > -1, value < 2_147_483_648 else { return false }
    let category = Int(value)
    let set = node.pointee.threshold.bitPattern
    guard category >> 5 < Int(set & 0xFFFF_FFFF) else { return false }
    return words[Int(set >> 32) + category >> 5] >> UInt32(category & 31) & 1 != 0
  }

  /// What a leaf adds to the score of a row: its value, or that of its line.
  @inline(__always)
  func value(of leaf: Int, _ row: UnsafePointer<Double>) -> Double {
    guard !lines.isEmpty, let line = lines[leaf] else { return leafValues[leaf] }
    var sum = line.constant
    for term in line.terms {
      let value = row[term.feature]
      if value.isNaN { return leafValues[leaf] }
      sum += term.coefficient * value
    }
    return sum
  }
}
