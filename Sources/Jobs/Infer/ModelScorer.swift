import Domain
import Inference

/// One output of a model that was read from a file.
struct ModelScorer: Scorer {
  let model: LoadedModel
  let output: Int

  /// - Throws: exit 65 when the model has no such output.
  init(_ model: LoadedModel, output: Int) throws(Fault) {
    guard output < model.model.predictionCount else {
      throw Fault(
        "use the model", model.path,
        cause: "it has \(model.model.predictionCount) outputs, so there is no output \(output)",
        remedy: "set `with: { output: 0 }`", exit: .data)
    }
    (self.model, self.output) = (model, output)
  }

  var sha256: String { model.sha256 }
  var kind: String { model.model.kind.rawValue }
  var name: String? { model.model.name }
  var file: String { model.path }
  var featureNames: [String]? { model.model.featureNames }
  var featureCount: Int { model.model.featureCount }
  var windowLength: Int { model.model.windowLength }
  /// Forests are trained on missing values, and a rule says what it does with them.
  var acceptsMissing: Bool {
    model.model.kind == .lightgbm || model.model.kind == .xgboost || model.model.kind == .rules
  }

  func scores(of questions: [ScoreQuestion], _ context: JobContext) throws -> [Double?] {
    try questions.map { question in
      try context.checkpoint()
      return score(question.numbers)
    }
  }

  func score(_ input: [Double]) -> Double {
    model.model.transform(model.model.predict(input))[output]
  }
}
