/// How predictions are written as CSV: the header and the numbers.
public struct PredictionTable: Sendable {
  private let model: Model

  /// The table of a model's predictions.
  public init(_ model: Model) { self.model = model }

  /// The column names: `raw0,...,pred0,...`, where XGBoost says `margin0` for `raw0`.
  public var header: [String] {
    let raw = model.kind == .xgboost ? "margin" : "raw"
    return (0..<model.outputCount).map { "\(raw)\($0)" }
      + (0..<model.predictionCount).map { "pred\($0)" }
  }

  /// A number in the fewest digits that read back as the same: as a single where the model computes
  /// in single precision, else as a double; `nan`, `inf` and `-inf` where it is no finite number.
  public func text(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    return model.kind == .xgboost ? Float(value).description : value.description
  }
}
