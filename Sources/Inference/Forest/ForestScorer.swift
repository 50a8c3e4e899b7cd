/// Adds up what the leaves of a forest give to a row, by the fastest way that its trees allow.
///
/// Whatever the way, each sum takes the trees in their order, so that its bits are always the same.
final class ForestScorer: @unchecked Sendable {
  /// How many trees are scored together: their checkpoints fit into the second-level cache.
  private static let treesPerChunk = 512
  /// How many rows of a batch go through one chunk before the next.
  private static let rowsPerBlock = 64

  /// The trees as they are walked.
  let forest: Forest
  /// Which score each tree adds to.
  private let outputs: [Int32]
  private let outputCount: Int
  private let narrow: ContiguousArray<MaskedForest<UInt32>>
  private let wide: ContiguousArray<MaskedForest<UInt64>>
  private let scratch: ScratchMemory

  /// `isMasked` is false to walk the trees in any case.
  init(
    _ trees: [DecisionTree], featureCount: Int, outputs: [Int], outputCount: Int,
    isMasked: Bool = true
  ) {
    precondition(outputs.count == trees.count)
    forest = Forest(trees, featureCount: featureCount)
    self.outputs = outputs.map { Int32($0) }
    self.outputCount = outputCount
    narrow = isMasked ? Self.chunks(trees) : []
    wide = isMasked && narrow.isEmpty ? Self.chunks(trees) : []
    scratch = ScratchMemory(
      byteCount: max(
        narrow.map(\.scratchByteCount).max() ?? 0, wide.map(\.scratchByteCount).max() ?? 0))
  }

  private static func chunks<Word: FixedWidthInteger & UnsignedInteger & Sendable>(
    _ trees: [DecisionTree]
  ) -> ContiguousArray<MaskedForest<Word>> {
    var chunks: ContiguousArray<MaskedForest<Word>> = []
    for start in stride(from: 0, to: trees.count, by: treesPerChunk) {
      let end = min(start + treesPerChunk, trees.count)
      guard let plan = MaskedForestPlan<Word>(Array(trees[start..<end])) else { return [] }
      chunks.append(MaskedForest(plan))
    }
    return chunks
  }

  /// Whether the trees are scored without being walked.
  var isMasked: Bool { !narrow.isEmpty || !wide.isEmpty }

  /// Adds the leaf values of `count` rows to what stands in `sums`, in the arithmetic of `Number`.
  @inline(__always)
  func add<Number: BinaryFloatingPoint>(
    _ rows: UnsafePointer<Double>, count: Int, into sums: UnsafeMutablePointer<Double>,
    as number: Number.Type
  ) {
    if !narrow.isEmpty {
      add(narrow, rows, count, sums, number)
    } else if !wide.isEmpty {
      add(wide, rows, count, sums, number)
    } else {
      for index in 0..<count {
        let row = rows + index * forest.featureCount
        for tree in 0..<forest.treeCount {
          let sum = sums + index * outputCount + Int(outputs[tree])
          let value = forest.value(of: forest.leaf(of: tree, row), row)
          sum.pointee = Double(Number(sum.pointee) + Number(value))
        }
      }
    }
  }

  @inline(__always)
  private func add<Word: FixedWidthInteger & UnsignedInteger & Sendable, Number>(
    _ chunks: ContiguousArray<MaskedForest<Word>>, _ rows: UnsafePointer<Double>, _ count: Int,
    _ sums: UnsafeMutablePointer<Double>, _ number: Number.Type
  ) where Number: BinaryFloatingPoint {
    scratch.borrow { memory in
      for block in stride(from: 0, to: count, by: Self.rowsPerBlock) {
        var firstTree = 0
        for chunk in chunks {
          for index in block..<min(block + Self.rowsPerBlock, count) {
            let row = rows + index * forest.featureCount
            let rowSums = sums + index * outputCount
            add(chunk, firstTree, row, rowSums, memory, number)
          }
          firstTree += chunk.treeCount
        }
      }
    }
  }

  @inline(__always)
  private func add<Word: FixedWidthInteger & UnsignedInteger & Sendable, Number>(
    _ chunk: MaskedForest<Word>, _ firstTree: Int, _ row: UnsafePointer<Double>,
    _ sums: UnsafeMutablePointer<Double>, _ memory: UnsafeMutableRawPointer, _: Number.Type
  ) where Number: BinaryFloatingPoint {
    let values = chunk.leafValues
    if outputCount == 1 {
      var sum = Number(sums.pointee)
      chunk.forEachLeaf(row, memory) { sum += Number(values[$0]) }
      sums.pointee = Double(sum)
    } else {
      var tree = firstTree
      outputs.withUnsafeBufferPointer { outputs in
        chunk.forEachLeaf(row, memory) {
          let sum = sums + Int(outputs[tree])
          sum.pointee = Double(Number(sum.pointee) + Number(values[$0]))
          tree += 1
        }
      }
    }
  }
}
