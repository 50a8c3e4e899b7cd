import Domain

/// Reads LightGBM's text model, versions v3 and v4 (`GBDT::SaveModelToString` in
/// `gbdt_model_text.cpp`): a header, one block per tree, `end of trees`, and parameters, which do
/// not matter here.
struct LightGBMReading {
  /// The most leaves of one tree.
  static let maximumLeaves = 131_072

  private let source: ModelSource
  private var lines: KeyedLines

  init(_ source: ModelSource) {
    self.source = source
    lines = KeyedLines(source)
  }

  /// Whether a file begins as LightGBM's models do.
  static func recognises(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: "tree\n".utf8) || bytes.starts(with: "tree\r\n".utf8)
  }

  /// The model of the whole file.
  mutating func model() throws(Fault) -> Model {
    var (header, line) = try block(title: "the header", start: 0)
    let shape = try Shape(header)
    let objective = try LightGBMObjective(header, outputs: shape.outputs)
    var trees: [DecisionTree] = []
    while line.key == "Tree" {
      let start = line.start
      guard NumberText.integer(source.bytes, line.value) == trees.count else {
        throw source.fault(
          at: start, "'Tree=\(trees.count)' is expected here", remedy: "export the model again")
      }
      (header, line) = try block(title: "tree \(trees.count)", start: start)
      trees.append(try LightGBMTree(header, featureCount: shape.featureNames.count).tree)
    }
    guard !trees.isEmpty else {
      throw source.fault(at: line.start, "the model has no trees", remedy: "train it first")
    }
    guard trees.count % shape.outputs == 0 else {
      throw source.fault(
        at: line.start, "\(trees.count) trees do not divide by \(shape.outputs) per iteration")
    }
    return model(trees, shape, objective)
  }

  private func model(
    _ trees: [DecisionTree], _ shape: Shape, _ objective: LightGBMObjective
  ) -> Model {
    var facts = [
      Model.Fact("objective", objective.text),
      Model.Fact("trees", trees.count),
      Model.Fact("leaves", trees.reduce(0) { $0 + $1.leafValues.count }),
      Model.Fact("classes", shape.outputs),
    ]
    if shape.isAveraged { facts.append(Model.Fact("averaged", "yes (random forest)")) }
    if hasPandasCategories {
      facts.append(Model.Fact("pandas categories", "yes: rows must hold their codes, from 0"))
    }
    if trees.contains(where: { !$0.leafLines.isEmpty }) {
      facts.append(Model.Fact("linear leaves", "yes"))
    }
    var model = Model(
      kind: .lightgbm, name: nil, featureNames: shape.featureNames,
      featureCount: shape.featureNames.count, windowLength: 1, outputCount: shape.outputs,
      predictionCount: shape.outputs, facts: facts,
      evaluator: LightGBMForest(
        trees, featureCount: shape.featureNames.count, outputs: shape.outputs,
        objective: objective.transform, isAveraged: shape.isAveraged))
    model.calibration = shape.calibration
    return model
  }

  /// Whether Python trained on columns of type `category`: the model then knows the codes that pandas
  /// gave to the values, in the order of the last line, and not the values.
  private var hasPandasCategories: Bool {
    let key = "pandas_categorical:"
    let last = source.bytes.suffix(1 << 16).split(separator: UInt8(ascii: "\n")).last ?? []
    return last.starts(with: key.utf8)
      && !["null", "[]"].contains(String(decoding: last.dropFirst(key.utf8.count), as: UTF8.self))
  }

  /// The lines up to the next `Tree=` or `end of trees`, and that line.
  private mutating func block(
    title: String, start: Int
  ) throws(Fault) -> (KeyedBlock, KeyedLines.Line) {
    var block = KeyedBlock(source, start: start, title: title)
    while let line = lines.next() {
      if line.key == "Tree", line.hasValue { return (block, line) }
      if line.key == "end of trees" { return (block, line) }
      if line.key.isEmpty { continue }
      guard block.add(line) else {
        throw source.fault(at: line.start, "\(title) has the line '\(line.key)' twice")
      }
    }
    throw source.fault(
      at: lines.position, "the file ends before 'end of trees': it was cut short",
      remedy: "copy or export the model again")
  }
}

extension LightGBMReading {
  /// What the header says about rows and scores.
  struct Shape {
    let featureNames: [String]
    let outputs: Int
    let isAveraged: Bool
    /// LightGBM reads over a line of the header that it does not know.
    let calibration: Calibration?

    init(_ header: KeyedBlock) throws(Fault) {
      let source = header.source
      let version = header.text("version") ?? "none"
      guard version == "v4" || version == "v3" else {
        throw source.fault(
          at: header.has("version") ? try header.required("version").lowerBound : 0,
          "the model's version is '\(version)'; v3 and v4 are understood",
          remedy: "save it with LightGBM 3 or 4")
      }
      let last = try header.integer("max_feature_idx", in: 0...ModelSource.maximumFeatures - 1)
      let words = try header.words("feature_names")
      guard words.count == last + 1 else {
        throw source.fault(
          at: try header.required("feature_names").lowerBound,
          "there are \(words.count) feature names, but max_feature_idx is \(last)")
      }
      var names: [String] = []
      var seen: Set<String> = []
      for word in words {
        let name = String(decoding: source.bytes[word], as: UTF8.self)
        guard seen.insert(name).inserted else {
          throw source.fault(at: word.lowerBound, "the feature '\(name)' is listed twice")
        }
        names.append(name)
      }
      featureNames = names
      outputs = try header.integer("num_tree_per_iteration", in: 1...ModelSource.maximumOutputs)
      isAveraged = header.has("average_output")
      calibration = header.text("calibrated").flatMap(Calibration.init(word:))
      guard calibration != nil || !header.has("calibrated") else {
        throw source.fault(
          at: try header.required("calibrated").lowerBound, Calibration.mistake)
      }
    }
  }
}
