import Domain

/// One element of `trees` of an XGBoost model (`RegTree::SaveModel` in its `tree_model.cc`): nodes
/// as parallel lists, leaves among them.
struct XGBoostTree {
  private(set) var tree = DecisionTree()

  /// The greatest category; XGBoost keeps categories in a float.
  private static let maximumCategory = 1 << 24

  /// Reads a tree; `factor` scales its leaves (DART).
  init(_ document: XGBoostDocument, featureCount: Int, factor: Float?) throws(Fault) {
    let left = try document.required("left_children").integers()
    let count = left.count
    func integers(_ key: String) throws(Fault) -> [Int] {
      let list = try document.required(key)
      return try list.require(try list.integers(), count: count)
    }
    if let vector = try document.required("tree_param").optional("size_leaf_vector"),
      try vector.parameter(in: 0...ModelSource.maximumOutputs) > 1
    {
      throw vector.fault(
        "trees with a vector in each leaf are not supported",
        remedy: "train with multi_strategy=one_output_per_tree")
    }
    guard (1...(1 << 24)).contains(count) else {
      throw document.fault("a tree has 1 to \(1 << 24) nodes, not \(count)")
    }
    let right = try integers("right_children")
    let features = try integers("split_indices")
    let defaultLeft = try integers("default_left")
    let types = try document.optional("split_type") == nil ? [] : try integers("split_type")
    let values = try document.required("split_conditions")
    let conditions = try values.require(try values.singles(), count: count)
    let sets = try Self.categories(document, nodes: count)

    // Number inner nodes and leaves on their own, in the order of the file.
    var links: [Int] = []
    var splits = 0
    for node in 0..<count {
      if left[node] == -1 {
        links.append(~tree.leafValues.count)
        tree.leafValues.append(Double(conditions[node] * (factor ?? 1)))
      } else {
        links.append(splits)
        splits += 1
      }
    }
    for node in 0..<count where left[node] != -1 {
      guard links.indices.contains(left[node]), links.indices.contains(right[node]) else {
        throw document.fault(
          "node \(node) of this tree has children \(left[node]) and \(right[node]) of \(count)")
      }
      guard (0..<featureCount).contains(features[node]) else {
        throw document.fault(
          "node \(node) of this tree asks feature \(features[node]) of \(featureCount)")
      }
      var split = DecisionTree.Split(
        feature: features[node], test: .oneOf(words: [], .single(missingLeft: false)),
        left: links[left[node]], right: links[right[node]])
      if types.isEmpty || types[node] == 0 {
        split.test = .atMost(
          Self.greatestBelow(conditions[node]), missing: .nan,
          defaultLeft: defaultLeft[node] != 0)
      } else {
        guard let words = sets[node] else {
          throw document.fault("node \(node) of this tree has no categories")
        }
        // A category of the set goes right.
        split.test = .oneOf(words: words, .single(missingLeft: defaultLeft[node] == 0))
        swap(&split.left, &split.right)
      }
      tree.splits.append(split)
    }
    guard left[0] == -1 || links[0] == 0 else { throw document.fault("the root is no node") }
    if let broken = tree.firstBrokenLink() {
      throw document.fault(
        "inner node \(broken.split) of this tree leads to a node that another leads to")
    }
  }

  /// The greatest double that is below `condition` once it is rounded to single precision, so that
  /// `x <= it` decides for each double as XGBoost's `Float(x) < condition` does; NaN where there is
  /// none.
  static func greatestBelow(_ condition: Float) -> Double {
    guard !condition.isNaN, condition > -.infinity else { return .nan }
    let below = condition.nextDown
    if below == -.infinity {
      // Doubles from here down are rounded to minus infinity.
      return
        -(Double(Float.greatestFiniteMagnitude) + Double(sign: .plus, exponent: 103, significand: 1))
    }
    let above = condition == .infinity ? 0x1p128 : Double(condition)
    let middle = Double(below) + (above - Double(below)) / 2
    // A tie is rounded to the even neighbour.
    return below.significandBitPattern & 1 == 0 ? middle : middle.nextDown
  }

  /// The sets of categories by node, as bits.
  private static func categories(
    _ document: XGBoostDocument, nodes: Int
  ) throws(Fault) -> [Int: [UInt32]] {
    guard let owners = try document.optional("categories_nodes") else { return [:] }
    let nodeList = try owners.integers()
    let all = try document.required("categories").integers()
    let starts = try document.required("categories_segments")
    let sizes = try document.required("categories_sizes")
    let begins = try starts.require(try starts.integers(), count: nodeList.count)
    let counts = try sizes.require(try sizes.integers(), count: nodeList.count)
    var sets: [Int: [UInt32]] = [:]
    // All sets together may not outgrow the file by much: one category can ask for a long bit set.
    var wordBudget = 1 << 24
    for (index, node) in nodeList.enumerated() {
      guard (0...all.count).contains(begins[index]), counts[index] >= 0,
        counts[index] <= all.count - begins[index]
      else { throw starts.fault("the categories of node \(node) lie outside of the list") }
      let members = all[begins[index]..<begins[index] + counts[index]]
      guard members.allSatisfy({ (0..<maximumCategory).contains($0) }) else {
        throw owners.fault("a category of node \(node) is below 0 or above \(maximumCategory)")
      }
      let wordCount = (members.max() ?? -1) / 32 + 1
      wordBudget -= wordCount
      guard wordBudget >= 0 else { throw owners.fault("the sets of categories are too large") }
      var words = [UInt32](repeating: 0, count: wordCount)
      for category in members { words[category >> 5] |= 1 << UInt32(category & 31) }
      sets[node] = words
    }
    return sets
  }
}
