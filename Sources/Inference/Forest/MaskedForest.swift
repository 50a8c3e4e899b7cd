/// A forest that is scored without walking it: for each feature it is known which leaves its value
/// rules out in all trees at once, and the first leaf that no feature rules out is the one reached.
///
/// Source: QuickScorer (Lucchese et al., SIGIR 2015): leaves are numbered from the left, one bit each;
/// a node whose test fails rules out the leaves on its left. Here the nodes of a feature are sorted by
/// threshold, and every `interval` nodes the bits that all nodes up to there leave are kept for all
/// trees (a checkpoint), so that a row costs one checkpoint per feature and a few nodes behind it.
///
/// Applies to trees of as many leaves as `Word` has bits; gives the leaves of `Forest`.
final class MaskedForest<Word: FixedWidthInteger & UnsignedInteger & Sendable>:
  @unchecked Sendable
{
  /// The leaf values of all trees, those of each tree from the left.
  let leafValues: UnsafeMutablePointer<Double>
  /// Where each tree's leaf values begin.
  let firstLeaves: UnsafeMutablePointer<UInt32>
  let treeCount: Int
  /// The memory that scoring needs.
  let scratchByteCount: Int

  private let features: UnsafeMutablePointer<MaskedFeature>
  private let usedFeatureCount: Int
  private let thresholds: UnsafeMutablePointer<Double>
  private let nodes: UnsafeMutablePointer<MaskedNode<Word>>
  private let coarse: UnsafeMutablePointer<Double>
  private let states: UnsafeMutablePointer<MaskedState>
  private let vectors: UnsafeMutableRawPointer
  private let vectorByteCount: Int

  init(_ plan: MaskedForestPlan<Word>) {
    treeCount = plan.treeCount
    leafValues = Self.copy(plan.leafValues)
    firstLeaves = Self.copy(plan.firstLeaves)
    features = Self.copy(plan.features)
    usedFeatureCount = plan.features.count
    thresholds = Self.copy(plan.thresholds)
    nodes = Self.copy(plan.nodes)
    coarse = Self.copy(plan.coarse)
    states = Self.copy(plan.states)
    vectorByteCount = plan.vectorWordCount * MemoryLayout<Word>.size
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(64, plan.vectors.count * MemoryLayout<Word>.size), alignment: 64)
    plan.vectors.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { memory.copyMemory(from: base, byteCount: bytes.count) }
    }
    vectors = memory
    scratchByteCount = vectorByteCount + usedFeatureCount * 2 * MemoryLayout<Int>.size
  }

  private static func copy<Element>(_ list: [Element]) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, list.count))
    memory.initialize(from: list, count: list.count)
    return memory
  }

  deinit {
    leafValues.deallocate()
    firstLeaves.deallocate()
    features.deallocate()
    thresholds.deallocate()
    nodes.deallocate()
    coarse.deallocate()
    states.deallocate()
    vectors.deallocate()
  }

  /// Finds the leaf of every tree for a row, and calls `body` with the index of its value, tree after
  /// tree.
  @inline(__always)
  func forEachLeaf(
    _ row: UnsafePointer<Double>, _ scratch: UnsafeMutableRawPointer, _ body: (Int) -> Void
  ) {
    let left = scratch.assumingMemoryBound(to: Word.self)
    ruleOut(row, scratch)
    for tree in 0..<treeCount {
      body(Int(firstLeaves[tree]) + left[tree].trailingZeroBitCount)
    }
  }

  /// Leaves in the scratch memory, for each tree, the bits of the leaves that are not ruled out.
  private func ruleOut(_ row: UnsafePointer<Double>, _ scratch: UnsafeMutableRawPointer) {
    let left = scratch.assumingMemoryBound(to: Word.self)
    let chosen = (scratch + vectorByteCount).assumingMemoryBound(to: UnsafeRawPointer.self)
    let begins = (scratch + vectorByteCount + usedFeatureCount * MemoryLayout<Int>.size)
      .assumingMemoryBound(to: Int.self)
    var chosenCount = 0
    for index in 0..<usedFeatureCount {
      let feature = features + index
      let value = row[Int(feature.pointee.feature)]
      let state = feature.pointee.state(of: value)
      if state >= 0 {
        let vector = states[state].vector
        if vector >= 0 {
          chosen[chosenCount] = UnsafeRawPointer(vectors + Int(vector) * vectorByteCount)
          chosenCount += 1
        }
        begins[index] = ~state
        continue
      }
      // The last checkpoint whose nodes all fail.
      let steps = coarse + Int(feature.pointee.firstCoarse)
      var block = 0
      var size = Int(feature.pointee.coarseCount)
      while size > 0 {
        let half = (size + 1) / 2
        block += steps[block + half - 1] < value ? half : 0
        size -= half
      }
      begins[index] =
        Int(feature.pointee.firstNode) + block * MaskedForestPlan<Word>.interval
      if block > 0 {
        let vector = Int(feature.pointee.firstVector) + block - 1
        chosen[chosenCount] = UnsafeRawPointer(vectors + vector * vectorByteCount)
        chosenCount += 1
      }
    }
    intersect(chosen, chosenCount, into: scratch)
    for index in 0..<usedFeatureCount {
      var node = begins[index]
      if node < 0 {
        let state = states[~node]
        for listed in Int(state.firstNode)..<Int(state.firstNode) + Int(state.nodeCount) {
          left[Int(nodes[listed].tree)] &= nodes[listed].mask
        }
        continue
      }
      let feature = features + index
      let value = row[Int(feature.pointee.feature)]
      let end = Int(feature.pointee.firstNode) + Int(feature.pointee.nodeCount)
      while node < end, thresholds[node] < value {
        left[Int(nodes[node].tree)] &= nodes[node].mask
        node += 1
      }
    }
  }

  /// What all chosen vectors have in common.
  @inline(__always)
  private func intersect(
    _ chosen: UnsafePointer<UnsafeRawPointer>, _ count: Int, into left: UnsafeMutableRawPointer
  ) {
    typealias Lane = SIMD8<UInt64>
    var offset = 0
    while offset < vectorByteCount {
      var lane = Lane(repeating: .max)
      for index in 0..<count { lane &= chosen[index].load(fromByteOffset: offset, as: Lane.self) }
      left.storeBytes(of: lane, toByteOffset: offset, as: Lane.self)
      offset += MemoryLayout<Lane>.size
    }
  }
}

/// A node of a feature: the tree it stands in, and the leaves that remain when its test fails.
struct MaskedNode<Word: FixedWidthInteger & UnsignedInteger & Sendable> {
  var tree: UInt32
  var mask: Word
}

/// A value of a feature for which the failing nodes are known beforehand: a vector for all trees, or
/// where there are few, a list of nodes.
struct MaskedState {
  var vector: Int32
  var firstNode: Int32
  var nodeCount: Int32
}

/// How the value of a feature decides.
struct MaskedFeature {
  var feature: Int32
  var firstNode: Int32
  var nodeCount: Int32
  var firstCoarse: Int32
  var coarseCount: Int32
  var firstVector: Int32
  /// The state of a missing value.
  var missingState: Int32
  /// The state of the zone around zero, or -1 where zero is a number as others.
  var zeroState: Int32
  /// The state of the first category, and how many follow; -1 for numbers. The one behind the last is
  /// that of a value in no set.
  var firstCategory: Int32
  var categoryCount: Int32
  /// Whether categories are rounded to single precision first (`DecisionTree.Categories`).
  var isSingle: Bool

  /// The state of a value; -1 for a number that has to be compared.
  @inline(__always)
  func state(of value: Double) -> Int {
    if value.isNaN { return Int(missingState) }
    if firstCategory >= 0 { return category(value) }
    if zeroState >= 0, value.magnitude <= Forest.zeroLimit { return Int(zeroState) }
    return -1
  }

  private func category(_ value: Double) -> Int {
    let value = isSingle ? Double(Float(value)) : value
    let other = Int(firstCategory) + Int(categoryCount)
    guard value < Double(categoryCount), isSingle ? value >= 0 : value > -1 else { return other }
    return Int(firstCategory) + Int(value)
  }
}
