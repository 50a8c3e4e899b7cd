/// Works out the tables of a `MaskedForest`.
struct MaskedForestPlan<Word: FixedWidthInteger & UnsignedInteger & Sendable> {
  /// How many nodes lie between two checkpoints of a feature.
  static var interval: Int { 32 }
  /// From how many nodes on a state is a vector instead of a list.
  private static var vectorNodes: Int { 24 }
  /// The most memory that the vectors of one forest take.
  private static var maximumVectorBytes: Int { 64 << 20 }
  /// The most entries of all lists of nodes.
  private static var maximumNodes: Int { 4 << 20 }
  /// The most categories of one feature.
  private static var maximumCategories: Int { 4096 }

  let treeCount: Int
  /// The length of one vector, padded to whole lanes of 64 bytes.
  let vectorWordCount: Int
  private(set) var leafValues: [Double] = []
  private(set) var firstLeaves: [UInt32] = []
  private(set) var features: [MaskedFeature] = []
  private(set) var thresholds: [Double] = []
  private(set) var nodes: [MaskedNode<Word>] = []
  private(set) var coarse: [Double] = []
  private(set) var states: [MaskedState] = []
  private(set) var vectors: [Word] = []
  private var isTooLarge = false

  /// A node on its way into the tables.
  private struct Candidate {
    var test: DecisionTree.Test
    var node: MaskedNode<Word>

    var threshold: Double {
      if case .atMost(let threshold, _, _) = test { threshold } else { .nan }
    }
  }

  /// The tables of trees whose links were checked; nil where this way of scoring does not apply.
  init?(_ trees: [DecisionTree]) {
    guard trees.allSatisfy({ $0.leafValues.count <= Word.bitWidth && $0.leafLines.isEmpty }) else {
      return nil
    }
    treeCount = trees.count
    let perLane = 64 / MemoryLayout<Word>.size
    vectorWordCount = (trees.count + perLane - 1) / perLane * perLane
    var byFeature: [Int: [Candidate]] = [:]
    for (index, tree) in trees.enumerated() { add(tree, index, &byFeature) }
    for (feature, candidates) in byFeature.sorted(by: { $0.key < $1.key }) {
      guard plan(feature, candidates), !isTooLarge else { return nil }
    }
  }

  /// Numbers the leaves of a tree from the left, and finds which ones each node has on its left.
  private mutating func add(
    _ tree: DecisionTree, _ index: Int, _ byFeature: inout [Int: [Candidate]]
  ) {
    firstLeaves.append(UInt32(leafValues.count))
    guard !tree.splits.isEmpty else {
      leafValues.append(tree.leafValues[0])
      return
    }
    var leaf = 0
    // A node is met three times: before its left side, between the sides, and then it is done.
    var pending: [(split: Int, firstLeaf: Int?)] = [(0, nil)]
    func visit(_ target: Int, _ values: inout [Double]) -> (split: Int, firstLeaf: Int?)? {
      if target >= 0 { return (target, nil) }
      values.append(tree.leafValues[~target])
      leaf += 1
      return nil
    }
    while let (split, firstLeaf) = pending.popLast() {
      let node = tree.splits[split]
      if let firstLeaf {
        let onLeft = (Word.max >> (Word.bitWidth - (leaf - firstLeaf))) << firstLeaf
        byFeature[node.feature, default: []].append(
          Candidate(test: node.test, node: MaskedNode(tree: UInt32(index), mask: ~onLeft)))
        if let next = visit(node.right, &leafValues) { pending.append(next) }
      } else {
        pending.append((split, leaf))
        if let next = visit(node.left, &leafValues) { pending.append(next) }
      }
    }
  }

  /// The tables of one feature; false where it is both a number and a category, has too many
  /// categories, or a threshold that cannot be sorted.
  private mutating func plan(_ feature: Int, _ candidates: [Candidate]) -> Bool {
    var categoryCount = -1
    var numberCount = 0
    var isSingle = false
    for candidate in candidates {
      switch candidate.test {
      case .atMost: numberCount += 1
      case .oneOf(let words, let categories):
        categoryCount = max(categoryCount, words.count * 32)
        if case .single = categories { isSingle = true }
      }
    }
    guard numberCount == 0 || numberCount == candidates.count,
      categoryCount <= Self.maximumCategories
    else { return false }
    var planned = MaskedFeature(
      feature: Int32(feature), firstNode: 0, nodeCount: 0, firstCoarse: 0, coarseCount: 0,
      firstVector: 0, missingState: 0, zeroState: -1, firstCategory: -1,
      categoryCount: Int32(max(0, categoryCount)), isSingle: isSingle)
    planned.missingState = state(candidates) { Self.failsMissing($0) }
    if numberCount > 0 {
      guard !candidates.contains(where: \.threshold.isNaN) else { return false }
      planNumbers(&planned, candidates)
      if candidates.contains(where: { Self.takesZeroAsMissing($0.test) }) {
        planned.zeroState = state(candidates) { Self.failsZero($0) }
      }
    } else {
      planned.firstCategory = Int32(states.count)
      for category in 0...categoryCount {
        _ = state(candidates) { !Self.contains($0, category) }
        if isTooLarge { return true }
      }
    }
    features.append(planned)
    return true
  }

  /// Nodes by threshold, and a checkpoint behind each interval of them.
  private mutating func planNumbers(_ planned: inout MaskedFeature, _ candidates: [Candidate]) {
    let sorted = candidates.sorted { $0.threshold < $1.threshold }
    planned.firstNode = Int32(nodes.count)
    planned.nodeCount = Int32(sorted.count)
    planned.firstCoarse = Int32(coarse.count)
    planned.firstVector = Int32(vectors.count / max(1, vectorWordCount))
    var vector = [Word](repeating: .max, count: vectorWordCount)
    for (index, candidate) in sorted.enumerated() {
      thresholds.append(candidate.threshold)
      nodes.append(candidate.node)
      vector[Int(candidate.node.tree)] &= candidate.node.mask
      if (index + 1) % Self.interval == 0 {
        coarse.append(candidate.threshold)
        append(vector)
      }
    }
    planned.coarseCount = Int32(sorted.count / Self.interval)
    pad()
  }

  /// Lists share their numbering with the thresholds.
  private mutating func pad() {
    while thresholds.count < nodes.count { thresholds.append(.infinity) }
  }

  private mutating func append(_ vector: [Word]) {
    guard (vectors.count + vector.count) * MemoryLayout<Word>.size <= Self.maximumVectorBytes else {
      isTooLarge = true
      return
    }
    vectors += vector
  }

  /// The state in which just these nodes fail.
  private mutating func state(_ candidates: [Candidate], _ fails: (DecisionTree.Test) -> Bool)
    -> Int32
  {
    var state = MaskedState(vector: -1, firstNode: Int32(nodes.count), nodeCount: 0)
    let failing = candidates.filter { fails($0.test) }
    if candidates.count >= Self.vectorNodes {
      var vector = [Word](repeating: .max, count: vectorWordCount)
      for candidate in failing { vector[Int(candidate.node.tree)] &= candidate.node.mask }
      state.vector = Int32(vectors.count / max(1, vectorWordCount))
      append(vector)
    } else {
      nodes += failing.map(\.node)
      isTooLarge = isTooLarge || nodes.count > Self.maximumNodes
      state.nodeCount = Int32(failing.count)
      pad()
    }
    states.append(state)
    return Int32(states.count - 1)
  }

  private static func failsMissing(_ test: DecisionTree.Test) -> Bool {
    switch test {
    case .atMost(let threshold, .none, _): !(0 <= threshold)
    case .atMost(_, _, let defaultLeft): !defaultLeft
    case .oneOf(_, .truncated): true
    case .oneOf(_, .single(let missingLeft)): !missingLeft
    }
  }

  private static func takesZeroAsMissing(_ test: DecisionTree.Test) -> Bool {
    if case .atMost(_, .zero, _) = test { true } else { false }
  }

  private static func failsZero(_ test: DecisionTree.Test) -> Bool {
    if case .atMost(let threshold, let missing, let defaultLeft) = test {
      missing == .zero ? !defaultLeft : !(0 <= threshold)
    } else {
      true
    }
  }

  private static func contains(_ test: DecisionTree.Test, _ category: Int) -> Bool {
    guard case .oneOf(let words, _) = test, category >> 5 < words.count else { return false }
    return words[category >> 5] >> UInt32(category & 31) & 1 != 0
  }
}
