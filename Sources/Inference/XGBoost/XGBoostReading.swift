import Domain

/// Reads the model that XGBoost 1.3 to 3.x saves as JSON or UBJ (its `doc/model.schema`).
struct XGBoostReading {
  private let learner: XGBoostDocument
  private let featureCount: Int
  private let featureNames: [String]?
  private let outputs: Int
  private let objective: XGBoostObjective
  private let baseMargins: [Float]
  private let rounds: ModelRounds

  private static let maximumRounds = 1_000_000_000

  /// Whether a file begins as XGBoost's UBJ models do: an object whose first key has a length.
  static func recognisesUBJSON(_ bytes: [UInt8]) -> Bool {
    bytes.count > 2 && bytes[0] == UInt8(ascii: "{")
      && [UInt8(ascii: "L"), UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "U")]
        .contains(bytes[1])
  }

  init(_ document: XGBoostDocument, rounds: ModelRounds) throws(Fault) {
    self.rounds = rounds
    learner = try document.required("learner")
    let parameters = try learner.required("learner_model_param")
    let width = try parameters.required("num_feature")
    featureCount = try width.parameter(in: 1...ModelSource.maximumFeatures)
    let limit = 0...ModelSource.maximumOutputs
    let classes = try parameters.required("num_class").parameter(in: limit)
    let targets = try parameters.optional("num_target")?.parameter(in: limit) ?? 1
    outputs = max(1, classes, targets)
    objective = try XGBoostObjective(try learner.required("objective").required("name"))
    baseMargins = try objective.margins(
      ofBase: try parameters.required("base_score"), outputs: outputs)
    featureNames = try Self.names(learner, count: featureCount)
  }

  private static func names(
    _ learner: XGBoostDocument, count: Int
  ) throws(Fault) -> [String]? {
    guard let list = try learner.optional("feature_names") else { return nil }
    let names = try list.strings()
    if names.isEmpty { return nil }
    guard names.count == count else {
      throw list.fault("there are \(names.count) feature names, but num_feature is \(count)")
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw list.fault("the feature '\(name)' is listed twice")
    }
    return names
  }

  /// The model of the whole document.
  func model() throws(Fault) -> Model {
    let booster = try learner.required("gradient_booster")
    let name = try booster.required("name")
    var facts = [
      Model.Fact("objective", objective.name),
      Model.Fact("booster", try name.string()),
      Model.Fact("outputs", outputs),
    ]
    let best = try bestIteration()
    if let best {
      facts.append(Model.Fact("best iteration", "\(best), counted from 0 (early stopping)"))
    }
    if rounds == .best {
      guard best != nil else {
        throw learner.fault(
          "it names no best iteration: it was not trained with early stopping",
          remedy: "use all its rounds: rounds: all")
      }
      guard try name.string() != "gblinear" else {
        throw name.fault(
          "gblinear keeps its last weights alone, and no rounds to choose from",
          remedy: "use it as it is: rounds: all")
      }
    }
    let evaluator: Evaluator
    switch try name.string() {
    case "gbtree":
      evaluator = try forest(try booster.required("model"), weights: nil, &facts)
    case "dart":
      evaluator = try forest(
        try booster.required("gbtree").required("model"),
        weights: try booster.required("weight_drop"), &facts)
    case "gblinear":
      evaluator = try linear(try booster.required("model"))
    case let other:
      throw name.fault("there is no booster '\(other)'", remedy: "known: gbtree, dart, gblinear")
    }
    var model = Model(
      kind: .xgboost, name: nil, featureNames: featureNames, featureCount: featureCount,
      windowLength: 1, outputCount: outputs, predictionCount: objective.predictionCount(outputs),
      facts: facts, evaluator: evaluator)
    model.calibration = try calibration()
    return model
  }

  /// What `Booster.set_attr(calibrated="probability")` keeps.
  private func calibration() throws(Fault) -> Calibration? {
    guard let attributes = try learner.optional("attributes"),
      let value = try attributes.optional("calibrated")
    else { return nil }
    guard let word = Calibration(word: try value.string()) else {
      throw value.fault(Calibration.mistake)
    }
    return word
  }

  /// The round that early stopping found to be the best; nil where there was none.
  private func bestIteration() throws(Fault) -> Int? {
    guard let attributes = try learner.optional("attributes"),
      let best = try attributes.optional("best_iteration")
    else { return nil }
    return try best.parameter(in: 0...Self.maximumRounds)
  }

  /// How many of the trees are used, and what there is to say of it.
  private func usedTrees(
    _ model: XGBoostDocument, _ count: Int, _ facts: inout [Model.Fact]
  ) throws(Fault) -> Int {
    let perRound: Int
    if let parameters = try model.optional("gbtree_model_param"),
      let parallel = try parameters.optional("num_parallel_tree")
    {
      perRound = outputs * max(1, try parallel.parameter(in: 0...Self.maximumRounds))
    } else {
      perRound = outputs
    }
    let total = (count + perRound - 1) / perRound
    facts.append(Model.Fact("rounds", total))
    guard let best = try bestIteration(), best + 1 < total else { return count }
    guard rounds == .best else {
      facts.append(
        Model.Fact(
          "rounds used", "all; XGBoost's scikit-learn wrapper uses \(best + 1): `rounds: best`"))
      return count
    }
    facts.append(Model.Fact("rounds used", "\(best + 1), up to the best"))
    return (best + 1) * perRound
  }

  private func forest(
    _ model: XGBoostDocument, weights: XGBoostDocument?, _ facts: inout [Model.Fact]
  ) throws(Fault) -> Evaluator {
    let list = try model.required("trees").elements()
    let information = try model.required("tree_info")
    let groups = try information.require(try information.integers(), count: list.count)
    guard groups.allSatisfy({ (0..<outputs).contains($0) }) else {
      throw information.fault("a tree belongs to a class that is none of \(outputs)")
    }
    var factors: [Float]?
    if let weights { factors = try weights.require(try weights.singles(), count: list.count) }
    let used = try usedTrees(model, list.count, &facts)
    var trees: [DecisionTree] = []
    trees.reserveCapacity(used)
    for (index, document) in list.prefix(used).enumerated() {
      trees.append(
        try XGBoostTree(
          document, featureCount: featureCount, factor: factors?[index]
        ).tree)
    }
    facts.append(Model.Fact("trees", trees.count))
    if let encoded = try model.optional("cats")?.optional("enc"), try !encoded.elements().isEmpty {
      facts.append(Model.Fact("encoded categories", "yes: rows must hold their codes, from 0"))
    }
    facts.append(Model.Fact("leaves", trees.reduce(0) { $0 + $1.leafValues.count }))
    return XGBoostForest(
      trees, featureCount: featureCount, groups: Array(groups.prefix(used)),
      baseMargins: baseMargins,
      objective: objective)
  }

  private func linear(_ model: XGBoostDocument) throws(Fault) -> Evaluator {
    let list = try model.required("weights")
    let weights = try list.require(try list.singles(), count: (featureCount + 1) * outputs)
    return XGBoostLinear(
      weights: weights, featureCount: featureCount, baseMargins: baseMargins,
      objective: objective)
  }
}
