import Domain
import Inference

/// One output of a model that was read from a file.
struct ModelScorer: Scorer {
  let model: LoadedModel
  let output: Int

  /// - Parameter calibration: what its scores have to be; nil: anything.
  /// - Throws: exit 65 when the model has no such output, or does not say that its scores are that.
  init(_ model: LoadedModel, output: Int, calibration: Calibration? = nil) throws(Fault) {
    guard output < model.model.predictionCount else {
      throw Fault(
        "use the model", model.path,
        cause: "it has \(model.model.predictionCount) outputs, so there is no output \(output)",
        remedy: "set `with: { output: 0 }`", exit: .data)
    }
    guard calibration == nil || model.model.calibration == calibration else {
      throw Fault(
        "use the model", model.path,
        cause: "its file does not say that its scores are calibrated, as the job demands",
        remedy:
          "calibrate it on data that it was not trained on, and let the file say `calibrated: "
          + "probability` (docs/reference/models.md tells where)", exit: .data)
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
  var calibration: Calibration? { model.model.calibration }
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
