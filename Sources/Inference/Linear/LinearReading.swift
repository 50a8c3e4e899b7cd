import Domain

/// The JSON form of a linear model:
///
///     {"kind": "linear", "version": 1, "name": "momentum", "features": ["rsi14", "roc5"],
///      "weights": [0.4, -1.2], "bias": 0.01,
///      "standardisation": {"mean": [50, 0], "deviation": [12, 0.02]}, "target": "return5",
///      "calibrated": "probability"}
///
/// `name`, `bias` (0), `standardisation` (mean 0, deviation 1), `target` and `calibrated` may be left
/// out.
extension LinearModel {
  private static let keys = [
    "kind", "version", "name", "features", "weights", "bias", "standardisation", "target",
    "calibrated",
  ]

  /// Reads and checks a document whose kind is `linear`.
  static func read(_ document: ModelDocument) throws(Fault) -> Model {
    try document.requireKeys(among: keys)
    _ = try document.required("version").integer(in: 1...1)
    let name = try document.optional("name")?.string()
    let target = try document.optional("target")?.string()
    let features = try document.required("features").featureNames()
    let count = features.count
    let weights = try document.required("weights").numbers(count: count, each: "features")
    let bias = try document.optional("bias")?.number() ?? 0
    var means = [Double](repeating: 0, count: count)
    var deviations = [Double](repeating: 1, count: count)
    let standardisation = try document.optional("standardisation")
    if let standardisation {
      try standardisation.requireKeys(among: ["mean", "deviation"])
      means = try standardisation.required("mean").numbers(count: count, each: "features")
      let spread = try standardisation.required("deviation")
      deviations = try spread.numbers(count: count, each: "features")
      for (element, deviation) in zip(try spread.elements(), deviations) where deviation <= 0 {
        throw element.fault(
          "a deviation must be above 0", remedy: "leave out features that never vary")
      }
    }
    var facts: [Model.Fact] = [
      Model.Fact("bias", bias),
      Model.Fact("standardised", standardisation == nil ? "no" : "yes"),
    ]
    if let target { facts.append(Model.Fact("target", target)) }
    var model = Model(
      kind: .linear, name: name, featureNames: features, featureCount: count, windowLength: 1,
      outputCount: 1, predictionCount: 1, facts: facts,
      evaluator: LinearModel(weights: weights, bias: bias, means: means, deviations: deviations))
    model.calibration = try document.optional("calibrated")?.calibration()
    return model
  }
}
